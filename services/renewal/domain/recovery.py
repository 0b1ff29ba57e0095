"""Data recovery: an office whose service has ended requests its data back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from shared import ids
from shared.events.base import Stage
from shared.events.platform import DataRecoveryAnswered
from shared.events.renewal import DataRecoveryAsked
from shared.storage.aggregate import Decision, State
from shared.time.calendar import civil_date


class RecoveryRequest(State):
    """A request to recover data. It is open until the platform answers (`answer`), or until a renewal changes
    the licence's last day of use from `expires_on`, the one that had ended. `asked_by` is the subject of a
    person's token."""

    id: UUID
    subscription_id: UUID
    office_ref: str
    product_code: str
    reason: str
    asked_by: str
    asked_at: datetime
    expires_on: date | None = None
    answer: Literal["restored", "partly", "impossible"] | None = None
    note: str = ""

    def is_open(self, licence: LicenceCopy) -> bool:
        return self.answer is None and self.expires_on == licence.expires_on


LIMIT_OVER = timedelta(days=1)


def check_limit(asked: Sequence[RecoveryRequest], most: int) -> None:
    """Raises RenewalError where the office's requests `asked` within LIMIT_OVER are `most` already."""
    if len(asked) >= most:
        raise RenewalError("recovery-limit")


def request_recovery(
    licence: LicenceCopy, n: int, side: Literal["office", "desk"], by: str, reason: str, now: datetime
) -> Decision[RecoveryRequest]:
    """The subscription's `n`th request. Raises RenewalError while the service hasn't ended."""
    if licence.stage is not Stage.TERMINATED:
        raise RenewalError("not-ended")
    subscription = {
        "subscription_id": licence.subscription_id,
        "office_ref": licence.office_ref,
        "product_code": licence.product_code,
    }
    id = ids.derived("recovery-request", licence.subscription_id, n)
    event = DataRecoveryAsked(
        **subscription,
        effective_on=civil_date(now, licence.zone),
        occurred_at=now,
        recorded_at=now,
        recovery_id=id,
        asked_by=side,
        reason=reason,
    )
    fields = {"reason": reason, "asked_by": by, "asked_at": now, "expires_on": licence.expires_on}
    return Decision(RecoveryRequest.model_validate({"id": id, **subscription, **fields}), (event,))


def record_answer(request: RecoveryRequest, event: DataRecoveryAnswered) -> Decision[RecoveryRequest]:
    return Decision(request.model_copy(update={"answer": event.answer, "note": event.note}))
