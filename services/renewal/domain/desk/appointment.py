"""The aggregate `RenewerAppointment`: the person whom the desk appointed to renew for an office whose renewer
has left.

Each office has at most one appointed person; appointing another replaces the first.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from shared import ids
from shared.events.base import DocumentRef, Event, Subject
from shared.events.renewer import RenewerNamed, RenewerWithdrawn
from shared.storage.aggregate import Decision, State
from shared.text.identifiers import Email
from shared.text.names import Item, PersonName
from shared.time.calendar import civil_date


class RenewerDetails(BaseModel):
    """The appointment as the desk enters it. `user_ref` is the person's subject at the platform."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    user_ref: Subject
    name: PersonName
    title: PersonName
    email: Email
    reason: Item


class AppointedRenewer(Frozen):
    """The appointed person. `evidence` is the document that proves the appointment, its pages rendered again
    from the upload; `by` is the clerk's subject."""

    user_ref: str
    name: str
    title: str
    email: str
    reason: str
    evidence: DocumentRef
    by: str
    at: datetime


class RenewerAppointment(State):
    """An office's appointment. `renewer` is None after it is withdrawn. `product_code` is one of the office's
    products: every event must name one, and always naming the same one keeps the office's events in order."""

    office_ref: str
    product_code: str
    zone: str
    renewer: AppointedRenewer | None = None


Decide = Callable[[RenewerAppointment | None], Decision[RenewerAppointment]]


def appointment_id(office_ref: str) -> UUID:
    return ids.derived("renewer-appointment", office_ref)


def appoint(
    state: RenewerAppointment | None,
    licence: LicenceCopy,
    details: RenewerDetails,
    evidence: DocumentRef,
    by: str,
    now: datetime,
) -> Decision[RenewerAppointment]:
    """Appoints a person. `licence` is any of the office's licences."""
    current = state or RenewerAppointment(
        office_ref=licence.office_ref, product_code=licence.product_code, zone=licence.zone
    )
    named = AppointedRenewer(**details.model_dump(), evidence=evidence, by=by, at=now)
    about, before = _event_fields(current, now), current.renewer
    events: tuple[Event, ...] = (RenewerNamed(**about, user_ref=named.user_ref, evidence=evidence),)
    if before and before.user_ref != named.user_ref:
        events = (RenewerWithdrawn(**about, user_ref=before.user_ref), *events)
    return Decision(current.model_copy(update={"renewer": named}), events)


def withdraw(state: RenewerAppointment | None, now: datetime) -> Decision[RenewerAppointment]:
    """Raises RenewalError where nobody is appointed."""
    if state is None or state.renewer is None:
        raise RenewalError("nobody-named")
    events = RenewerWithdrawn(**_event_fields(state, now), user_ref=state.renewer.user_ref)
    return Decision(state.model_copy(update={"renewer": None}), (events,))


def _event_fields(state: RenewerAppointment, now: datetime) -> dict[str, Any]:
    return {
        "subscription_id": ids.subscription_id(state.office_ref, state.product_code),
        "office_ref": state.office_ref,
        "product_code": state.product_code,
        "effective_on": civil_date(now, state.zone),
        "occurred_at": now,
        "recorded_at": now,
    }
