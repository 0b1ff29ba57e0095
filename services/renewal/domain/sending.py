"""Another way of sending, and taking a registration back: the office's while the vendor has not accepted."""

from datetime import datetime
from typing import Literal

from services.renewal.domain.refusal import Refused
from services.renewal.domain.renewal import AWAITED, AWAITING, Renewal, Replacement, Status, about
from shared.aggregate import Decision
from shared.events.base import SendBy
from shared.events.renewal import RenewalCancelled, SendingChanged


def change_sending(renewal: Renewal, send_by: SendBy, now: datetime) -> Decision[Renewal]:
    """The same registration and form, sent by `send_by`. Raises Refused once it is accepted or cancelled.

    A form signed already and looked at by the desk is taken up again there when paper is given up.
    """
    _refuse_unless_awaiting(renewal)
    old = renewal.registration.send_by
    if send_by is old:
        return Decision(renewal)
    event = SendingChanged(**about(renewal.registration, now), old_send_by=old, send_by=send_by)
    registration = renewal.registration.model_copy(update={"send_by": send_by})
    signed = send_by is SendBy.ELECTRONIC and _is_signed(renewal)
    status = Status.AWAITING_CONFIRMATION if signed else AWAITED[send_by]
    return Decision(renewal.with_(registration=registration, status=status), (event,))


def cancel(
    renewal: Renewal,
    by: Literal["office", "desk"],
    reason: str,
    now: datetime,
    replacement: Replacement | None = None,
) -> Decision[Renewal]:
    """Taken back, or replaced. Raises Refused once it is accepted: its contract is prepared then."""
    _refuse_unless_awaiting(renewal)
    replaced_by = replacement.registration.renewal_id if replacement else None
    event = RenewalCancelled(
        **about(renewal.registration, now), cancelled_by=by, reason=reason, replaced_by=replaced_by
    )
    closed = renewal.with_(
        status=Status.CANCELLED,
        needs_desk=None,
        cancelled=reason,
        replaced_by=replaced_by,
        replacement=replacement,
    )
    return Decision(closed, (event,))


def _refuse_unless_awaiting(renewal: Renewal) -> None:
    if renewal.status not in AWAITING:
        raise Refused("not-awaiting", standing=renewal.status.value)


def _is_signed(renewal: Renewal) -> bool:
    return any(
        paper.kind == "signed_form" and paper.revision == renewal.form_revision for paper in renewal.dossier
    )
