"""The attempts to deliver a notice, and what follows from their answers.

An answer is first held against the relay's record (`weigh`). While the relay is at fault nothing is put down
to an addressee: what it refuses waits and is due at once. Otherwise a refusal that shows the mailbox to be
none is doubted for some seconds, in which the same from other domains would show the relay to be at fault,
and then concluded. Any other lets its recipient wait, at most for `Patience.refused`.
"""

from datetime import datetime, timedelta

from services.notifier.domain.answer import Answer, DeliveryOutcome
from services.notifier.domain.fault import FaultOwner, SmtpPhase
from services.notifier.domain.frozen import Frozen
from services.notifier.domain.matter import Expiring
from services.notifier.domain.notice import CHANNEL, Notice, NoticeStatus, Wait
from services.notifier.domain.reason import INSISTENT
from services.notifier.domain.relay_record import RelayRecord
from shared.events.base import Event
from shared.events.notifier import NoticeDelivered, NoticeFailed
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

DOUBT = timedelta(seconds=5)
_GREYLISTED = timedelta(hours=1)
"""A refusal for now says nothing of the relay before: greylisting refuses everybody's first letter."""


class RetryPolicy(Frozen):
    """How long to wait after the first failure and at most between two; for how long to bear a recipient's
    refusals, and how many attempts of unknown outcome."""

    first: timedelta
    longest: timedelta
    refused: timedelta
    unknowns: int

    def wait(self, failed: int) -> timedelta:
        doublings: int = 2 ** min(max(failed - 1, 0), 20)
        return min(self.first * doublings, self.longest)


class AttemptMoment(Frozen):
    """An instant: of domain time (`now`), and of real time."""

    now: datetime
    real: datetime


def take(notice: Notice, now: datetime, held_until: datetime) -> Decision[Notice]:
    """An attempt begins; it has surely ended by `held_until` (real time)."""
    begun = {"status": NoticeStatus.SENDING, "attempts": notice.attempts + 1, "attempted_at": now}
    return Decision(notice.model_copy(update={**begun, "held_until": held_until, "doubted": None}))


def weigh(record: RelayRecord, notice: Notice, answer: Answer, domain: str, at: AttemptMoment) -> RelayRecord:
    """The relay's record with what this answer, for a recipient of `domain`, tells of it. Nothing, where
    the relay was well since it refused the same letter before."""
    if answer.outcome is DeliveryOutcome.DELIVERED:
        return record.serves(domain, at.real)
    if _is_its_own(record, notice, answer):
        return record
    if answer.reply is None:
        return record.refuses(domain, "no answer")
    if answer.reply.fault is FaultOwner.OURS:
        return record.says(answer.reply.text)
    greylisted = notice.refused_since is None or at.now - notice.refused_since < _GREYLISTED
    if answer.outcome is DeliveryOutcome.DEFERRED and greylisted:
        return record
    return record.refuses(domain, answer.reply.kind)


def _is_its_own(record: RelayRecord, notice: Notice, answer: Answer) -> bool:
    of_letter = answer.reply is None or answer.reply.place in (SmtpPhase.RECIPIENT, SmtpPhase.LETTER)
    return of_letter and record.sound_since(notice.refused_at)


def conclude(
    notice: Notice,
    attempt: int,
    answer: Answer,
    at: AttemptMoment,
    patience: RetryPolicy,
    *,
    relay_at_fault: bool,
) -> Decision[Notice] | None:
    """Attempt number `attempt` ended with `answer`; None: there is nothing to settle any more.

    An answer that comes after the attempt had been given up as unknown still counts.
    """
    known = notice.status is NoticeStatus.UNKNOWN and answer.outcome is DeliveryOutcome.UNKNOWN
    if (
        notice.attempts != attempt
        or known
        or notice.status not in (NoticeStatus.SENDING, NoticeStatus.UNKNOWN)
    ):
        return None
    answered = notice.model_copy(update={"smtp_code": answer.code, "held_until": None})
    if answer.outcome is DeliveryOutcome.DELIVERED:
        return _ended(answered, NoticeStatus.DELIVERED, at.now)
    answered = answered.model_copy(update={"refused_at": at.real})
    if answer.outcome is DeliveryOutcome.UNKNOWN:
        return _unknown(answered, at.now, patience)
    answered = answered.model_copy(update={"failures": answered.failures + 1})
    return excuse(answered, at.now) if relay_at_fault else _refused(answered, answer, at, patience)


def _unknown(notice: Notice, now: datetime, patience: RetryPolicy) -> Decision[Notice]:
    unclear = notice.model_copy(update={"unknowns": notice.unknowns + 1})
    if notice.matter.reason not in INSISTENT or unclear.unknowns >= patience.unknowns:
        return _ended(unclear, NoticeStatus.PARKED, now)
    return _again(unclear, NoticeStatus.UNKNOWN, Wait.ANSWER, now, patience)


def _refused(notice: Notice, answer: Answer, at: AttemptMoment, patience: RetryPolicy) -> Decision[Notice]:
    waiting = notice.model_copy(update={"refused_since": notice.refused_since or at.now})
    if answer.reply and answer.reply.fault is FaultOwner.ADDRESSEE:
        doubted = {"doubted": answer.reply, "due_at": at.now, "held_until": at.real + DOUBT}
        return Decision(
            waiting.model_copy(
                update={**doubted, "status": NoticeStatus.RECORDED, "waits_for": Wait.RECIPIENT}
            )
        )
    if at.now - (waiting.refused_since or at.now) >= patience.refused:
        return _ended(waiting, NoticeStatus.REFUSED, at.now)
    return _again(waiting, NoticeStatus.RECORDED, Wait.RECIPIENT, at.now, patience)


def excuse(notice: Notice, now: datetime) -> Decision[Notice]:
    """It was refused by our own fault: due at once, and its recipient's days haven't begun."""
    due = {"status": NoticeStatus.RECORDED, "waits_for": Wait.RELAY, "due_at": now, "held_until": None}
    return Decision(notice.model_copy(update={**due, "failures": 0, "refused_since": None, "doubted": None}))


def refuse(notice: Notice, now: datetime) -> Decision[Notice]:
    """It is the addressee's fault: there is no address, or nothing came that would excuse the refusal."""
    return _ended(notice, NoticeStatus.REFUSED, now)


def postpone(notice: Notice, now: datetime, patience: RetryPolicy) -> Decision[Notice]:
    """It can't be written at present (what it needs is missing): later, without an attempt."""
    later = {"due_at": now + patience.longest, "waits_for": Wait.CONTENT}
    return Decision(notice.model_copy(update=later))


def _again(
    notice: Notice, status: NoticeStatus, waits_for: Wait, now: datetime, patience: RetryPolicy
) -> Decision[Notice]:
    wait = patience.wait(notice.failures + notice.unknowns)
    due = {"status": status, "waits_for": waits_for, "due_at": now + wait}
    return Decision(notice.model_copy(update=due))


def _ended(notice: Notice, status: NoticeStatus, now: datetime) -> Decision[Notice]:
    ended = notice.model_copy(update={"status": status, "due_at": None, "held_until": None, "doubted": None})
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
        "counted_from": notice.matter.counted_from if isinstance(notice.matter, Expiring) else None,
    }
    if notice.status is NoticeStatus.DELIVERED:
        return NoticeDelivered.model_validate(common)
    outcome = "unknown" if notice.status is NoticeStatus.PARKED else "refused"
    return NoticeFailed.model_validate({**common, "outcome": outcome, "smtp_code": notice.smtp_code})
