"""The attempts to deliver a notice, and what follows from their answers."""

from datetime import datetime, timedelta

from services.notifier.domain.answer import Answer, Outcome
from services.notifier.domain.frozen import Frozen
from services.notifier.domain.notice import CHANNEL, Notice, Status
from services.notifier.domain.reason import INSISTENT
from shared.aggregate import Decision
from shared.calendar import civil_date
from shared.events.base import Event
from shared.events.notifier import NoticeDelivered, NoticeFailed


class Patience(Frozen):
    """How long to wait after the first failure and at most between two; how many refusals for now (4xx)
    and how many attempts of unknown outcome to bear."""

    first: timedelta
    longest: timedelta
    failures: int
    unknowns: int

    def wait(self, attempts: int) -> timedelta:
        doublings: int = 2 ** min(attempts - 1, 20)
        return min(self.first * doublings, self.longest)


def take(notice: Notice, now: datetime, held_until: datetime) -> Decision[Notice]:
    """An attempt begins; it has surely ended by `held_until` (real time)."""
    begun = {"status": Status.SENDING, "attempts": notice.attempts + 1, "attempted_at": now}
    return Decision(notice.model_copy(update={**begun, "held_until": held_until}))


def settle(
    notice: Notice, attempt: int, answer: Answer, now: datetime, patience: Patience
) -> Decision[Notice] | None:
    """Attempt number `attempt` ended with `answer`; None: there is nothing to settle any more.

    An answer that comes after the attempt had been given up as unknown still counts.
    """
    known = notice.status is Status.UNKNOWN and answer.outcome is Outcome.UNKNOWN
    if notice.attempts != attempt or known or notice.status not in (Status.SENDING, Status.UNKNOWN):
        return None
    answered = notice.model_copy(update={"smtp_code": answer.code, "held_until": None})
    match answer.outcome:
        case Outcome.DELIVERED:
            return _ended(answered, Status.DELIVERED, now)
        case Outcome.REFUSED:
            return _ended(answered, Status.REFUSED, now)
        case Outcome.DEFERRED if answer.code is None:
            return _again(answered, Status.RECORDED, now, patience)
        case Outcome.DEFERRED:
            failed = answered.model_copy(update={"failures": answered.failures + 1})
            if failed.failures >= patience.failures:
                return _ended(failed, Status.REFUSED, now)
            return _again(failed, Status.RECORDED, now, patience)
        case Outcome.UNKNOWN:
            unclear = answered.model_copy(update={"unknowns": answered.unknowns + 1})
            if notice.matter.reason not in INSISTENT or unclear.unknowns >= patience.unknowns:
                return _ended(unclear, Status.PARKED, now)
            return _again(unclear, Status.UNKNOWN, now, patience)


def refuse(notice: Notice, now: datetime) -> Decision[Notice]:
    """There is no address to send it to."""
    return _ended(notice, Status.REFUSED, now)


def postpone(notice: Notice, now: datetime, patience: Patience) -> Decision[Notice]:
    """It can't be written at present (what it needs is missing): later, without an attempt."""
    return Decision(notice.model_copy(update={"due_at": now + patience.longest}))


def _again(notice: Notice, status: Status, now: datetime, patience: Patience) -> Decision[Notice]:
    due_at = now + patience.wait(notice.attempts)
    return Decision(notice.model_copy(update={"status": status, "due_at": due_at}))


def _ended(notice: Notice, status: Status, now: datetime) -> Decision[Notice]:
    ended = notice.model_copy(update={"status": status, "due_at": None})
    return Decision(ended, (_told(ended, now),))


def _told(notice: Notice, now: datetime) -> Event:
    common = {
        "subscription_id": notice.subscription_id,
        "office_ref": notice.office_ref,
        "product_code": notice.product_code,
        "effective_on": civil_date(now, notice.zone),
        "occurred_at": now,
        "recorded_at": now,
        "notice_id": str(notice.id),
        "reason": notice.matter.reason.value,
        "channel": CHANNEL,
        "contact_id": str(notice.contact_id),
        "message_id": notice.message_id,
        "term": notice.matter.term,
    }
    if notice.status is Status.DELIVERED:
        return NoticeDelivered.model_validate(common)
    outcome = "unknown" if notice.status is Status.PARKED else "refused"
    return NoticeFailed.model_validate({**common, "outcome": outcome, "smtp_code": notice.smtp_code})
