"""The order in which waiting notices are sent."""

from datetime import timedelta

from services.notifier.domain.matter import AnyMatter, Expiring
from services.notifier.domain.reason import NoticeReason

_STAGES = {
    NoticeReason.FINAL_NOTICE: 1,
    NoticeReason.TERMINATED: 1,
    NoticeReason.LOCKED: 2,
    NoticeReason.SIGNATURE_AWAITED: 3,
    NoticeReason.PAPER_AWAITED: 3,
    NoticeReason.PAYMENT_DUE: 3,
    NoticeReason.PAYMENT_OVERDUE: 3,
    NoticeReason.PAYMENT_NOT_SEEN: 3,
}
_SOON = timedelta(days=7)


def urgency_of(matter: AnyMatter) -> int:
    """The lowest is sent first. 0: answers to what a person did, which are few and awaited. Then what an
    office loses or has lost, then reminders, those of the last days first."""
    if isinstance(matter, Expiring):
        left = (matter.counted_from or matter.term) - matter.since
        return 4 if left <= _SOON else 5
    return _STAGES.get(matter.reason, 0)
