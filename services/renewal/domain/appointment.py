"""The aggregate `RenewerAppointment`: whom the desk named to renew for an office whose renewer left.

One person an office; naming another takes the first one's place. Told once for each product of the office,
because every event names one.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.identifiers import Email
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import Refused
from services.renewal.domain.text import Item, PersonName
from shared import ids
from shared.aggregate import Decision, State
from shared.calendar import civil_date
from shared.events.base import DocumentRef
from shared.events.renewal import RenewerNamed, RenewerWithdrawn

UserRef = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S+$")]


class Naming(BaseModel):
    """What the desk states. `user_ref` is the person's subject at the platform."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    user_ref: UserRef
    name: PersonName
    title: PersonName
    email: Email
    reason: Item


class Named(Frozen):
    """`evidence` is the document that shows it, drawn anew; `by` the clerk's subject."""

    user_ref: str
    name: str
    title: str
    email: str
    reason: str
    evidence: DocumentRef
    by: str
    at: datetime


class RenewerAppointment(State):
    """`renewer` is None before anybody is named, and once that is withdrawn."""

    office_ref: str
    renewer: Named | None = None


Decide = Callable[[RenewerAppointment | None], Decision[RenewerAppointment]]


def appointment_id(office_ref: str) -> UUID:
    return ids.derived("renewer-appointment", office_ref)


def name(
    state: RenewerAppointment | None,
    office: Sequence[LicenceCopy],
    naming: Naming,
    evidence: DocumentRef,
    by: str,
    now: datetime,
) -> Decision[RenewerAppointment]:
    """`office` are its licences. Raises Refused where it has none."""
    office_ref = _ref(office)
    named = Named(**naming.model_dump(), evidence=evidence, by=by, at=now)
    before = state.renewer if state else None
    gone = before.user_ref if before and before.user_ref != named.user_ref else None
    withdrawn = [RenewerWithdrawn(**_about(one, now), user_ref=gone) for one in office] if gone else []
    told = [RenewerNamed(**_about(one, now), user_ref=named.user_ref, evidence=evidence) for one in office]
    return Decision(RenewerAppointment(office_ref=office_ref, renewer=named), (*withdrawn, *told))


def withdraw(
    state: RenewerAppointment | None, office: Sequence[LicenceCopy], now: datetime
) -> Decision[RenewerAppointment]:
    """Raises Refused where nobody is named."""
    if state is None or state.renewer is None:
        raise Refused("nobody-named")
    gone = state.renewer.user_ref
    told = tuple(RenewerWithdrawn(**_about(one, now), user_ref=gone) for one in office)
    return Decision(RenewerAppointment(office_ref=state.office_ref), told)


def _ref(office: Sequence[LicenceCopy]) -> str:
    if not office:
        raise Refused("office-unknown")
    return office[0].office_ref


def _about(licence: LicenceCopy, now: datetime) -> dict[str, Any]:
    return {
        "subscription_id": licence.subscription_id,
        "office_ref": licence.office_ref,
        "product_code": licence.product_code,
        "effective_on": civil_date(now, licence.zone),
        "occurred_at": now,
        "recorded_at": now,
    }
