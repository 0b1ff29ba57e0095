"""Until when an unsigned form should be signed: what happens first if it is not."""

from datetime import date, timedelta
from typing import Literal, NamedTuple

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.registration.reminder import expected_by
from services.renewal.domain.renewal import Renewal
from shared.situation import Situation, SituationKind

_RUNNING = (
    SituationKind.ACTIVE,
    SituationKind.EXPIRING,
    SituationKind.LAST_DAY,
    SituationKind.TEMPORARY,
)


class SignatureDeadline(NamedTuple):
    """`text` is the key of the page's sentence. `day` is the day in it, today or later; None: no day is
    set."""

    text: Literal[
        "registration.sign_before", "registration.sign_lock", "registration.sign_overdue", "notice.unsigned"
    ]
    day: date | None


def signature_deadline(renewal: Renewal, situation: Situation, today: date) -> SignatureDeadline | None:
    """The earliest of the end of service, the lock and the reminder. None if no signature is awaited."""
    if renewal.status is not RegistrationStatus.AWAITING_SIGNATURE:
        return None
    last_days: list[tuple[date, SignatureDeadline]] = []
    if situation.ends_on and situation.kind is not SituationKind.TERMINATED:
        ends = SignatureDeadline("notice.unsigned", situation.ends_on)
        last_days.append((situation.ends_on - timedelta(days=1), ends))
    if situation.kind in _RUNNING and situation.usable_until >= today:
        locks = SignatureDeadline("registration.sign_lock", situation.usable_until)
        last_days.append((situation.usable_until, locks))
    reminded_on = expected_by(renewal)
    if reminded_on and reminded_on >= today:
        last_days.append((reminded_on, SignatureDeadline("registration.sign_before", reminded_on)))
    none = SignatureDeadline("registration.sign_overdue", None)
    return min(last_days, key=lambda dated: dated[0])[1] if last_days else none
