"""Changing the way of sending, and cancelling a registration. Both are possible until the vendor accepts."""

from datetime import datetime
from typing import Any, Literal

from services.renewal.domain import flow
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.joint import closure
from services.renewal.domain.renewal import AWAITED, Renewal, event_fields
from services.renewal.domain.replacement import Replacement
from services.renewal.domain.wait import wait_until
from shared.events.base import SendBy
from shared.events.renewal import RenewalCancelled, SendingChanged
from shared.storage.aggregate import Decision


def change_sending(renewal: Renewal, send_by: SendBy, now: datetime) -> Decision[Renewal]:
    """The same registration and form, sent by `send_by`. Raises RenewalError once it is accepted or closed.

    If a form already came by the new way (signed or on paper), its processing continues from there.
    """
    flow.check(renewal.status, FlowStep.CHANGE_SENDING)
    old = renewal.registration.send_by
    if send_by is old:
        return Decision(renewal)
    registration = renewal.registration.model_copy(update={"send_by": send_by})
    after = renewal.with_status(_status_after(renewal, send_by), now, registration=registration)
    ways = {"old_send_by": old, "send_by": send_by}
    event = SendingChanged(**event_fields(registration, now), **ways, wait_until=wait_until(after))
    return Decision(after, (event,))


def cancel(
    renewal: Renewal,
    by: Literal["office", "desk"],
    reason: str,
    now: datetime,
    replacement: Replacement | None = None,
) -> Decision[Renewal]:
    """Cancels the registration, which may be replaced by another. Raises RenewalError once it is accepted,
    because its contract is prepared then; of a joint one, also where that contract was voided."""
    flow.check(renewal.status, FlowStep.CANCEL)
    closure.check(renewal, FlowStep.CANCEL)
    replaced_by = replacement.registration.renewal_id if replacement else None
    instead: dict[str, Any] = {"replaced_by": None}
    if replacement:
        instead = replacement.event_fields(renewal.registration.subscription_id)
    event = RenewalCancelled(
        **event_fields(renewal.registration, now), cancelled_by=by, reason=reason, **instead
    )
    closed = renewal.with_status(
        RegistrationStatus.CANCELLED,
        now,
        needs_desk=None,
        desk_note=None,
        cancelled=reason,
        replaced_by=replaced_by,
        replacement=replacement,
    )
    return Decision(closed, (event,))


def _status_after(renewal: Renewal, send_by: SendBy) -> RegistrationStatus:
    if send_by is SendBy.ELECTRONIC and _is_signed(renewal):
        return RegistrationStatus.AWAITING_CONFIRMATION
    if send_by is SendBy.PAPER and renewal.posted:
        return RegistrationStatus.PAPER_RECEIVED
    if send_by is SendBy.PAPER and renewal.returned:
        return RegistrationStatus.PAPER_RETURNED
    return AWAITED[send_by]


def _is_signed(renewal: Renewal) -> bool:
    """Whether the form was signed electronically in a revision that counts."""
    return (revision := renewal.signed_revision) is not None and renewal.is_valid_revision(revision)
