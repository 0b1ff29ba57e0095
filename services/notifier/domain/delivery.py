"""The attempts to deliver a notice, and what follows from their answers.

An answer is first held against the relay's record (`update_relay_record`). While the relay is at fault nothing is put down
to an addressee: what it refuses waits and is due at once. Otherwise a refusal that shows the mailbox to be
none is doubted for some seconds, in which the same from other domains would show the relay to be at fault,
and then concluded. Any other lets its recipient wait, at most for `Patience.refused`.
"""

from datetime import datetime, timedelta

from services.notifier.domain.bounce import BounceClass, SmtpPhase
from services.notifier.domain.delivery_result import DeliveryOutcome, DeliveryResult
from services.notifier.domain.frozen import Frozen
from services.notifier.domain.matter import Expiring
from services.notifier.domain.notice import CHANNEL, Notice, NoticeStatus, Wait
from services.notifier.domain.reason import INSISTENT
from services.notifier.domain.relay_record import RelayRecord
from shared.events.base import Event
from shared.events.notifier import NoticeDelivered, NoticeFailed
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

CONFIRMATION_DELAY = timedelta(seconds=5)
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


def begin_attempt(notice: Notice, now: datetime, held_until: datetime) -> Decision[Notice]:
    """An attempt begins; it has surely ended by `held_until` (real time)."""
    begun = {"status": NoticeStatus.SENDING, "attempts": notice.attempts + 1, "attempted_at": now}
    return Decision(notice.model_copy(update={**begun, "held_until": held_until, "doubted": None}))


def update_relay_record(
    record: RelayRecord, notice: Notice, result: DeliveryResult, domain: str, at: AttemptMoment
) -> RelayRecord:
    """The relay's record with what this answer, for a recipient of `domain`, tells of it. Nothing, where
    the relay was well since it refused the same letter before."""
    if result.outcome is DeliveryOutcome.DELIVERED:
        return record.record_delivery(domain, at.real)
    if _predates_recovery(record, notice, result):
        return record
    if result.reply is None:
        return record.record_refusal(domain, "no answer")
    if result.reply.bounce_class is BounceClass.RELAY:
        return record.record_complaint(result.reply.text)
    greylisted = notice.refused_since is None or at.now - notice.refused_since < _GREYLISTED
    if result.outcome is DeliveryOutcome.DEFERRED and greylisted:
        return record
    return record.record_refusal(domain, result.reply.kind)


def _predates_recovery(record: RelayRecord, notice: Notice, result: DeliveryResult) -> bool:
    of_letter = result.reply is None or result.reply.place in (SmtpPhase.RECIPIENT, SmtpPhase.LETTER)
    return of_letter and record.was_healthy_since(notice.refused_at)


def end_attempt(
    notice: Notice,
    attempt: int,
    result: DeliveryResult,
    at: AttemptMoment,
    policy: RetryPolicy,
    *,
    relay_at_fault: bool,
) -> Decision[Notice] | None:
    """Attempt number `attempt` ended with `result`; None: there is nothing to settle any more.

    An answer that comes after the attempt had been given up as unknown still counts.
    """
    known = notice.status is NoticeStatus.UNKNOWN and result.outcome is DeliveryOutcome.UNKNOWN
    if (
        notice.attempts != attempt
        or known
        or notice.status not in (NoticeStatus.SENDING, NoticeStatus.UNKNOWN)
    ):
        return None
    ended = notice.model_copy(update={"smtp_code": result.code, "held_until": None})
    if result.outcome is DeliveryOutcome.DELIVERED:
        return _end(ended, NoticeStatus.DELIVERED, at.now)
    ended = ended.model_copy(update={"refused_at": at.real})
    if result.outcome is DeliveryOutcome.UNKNOWN:
        return _retry_unknown_or_park(ended, at.now, policy)
    ended = ended.model_copy(update={"failures": ended.failures + 1})
    return wait_for_relay(ended, at.now) if relay_at_fault else _retry_or_refuse(ended, result, at, policy)


def _retry_unknown_or_park(notice: Notice, now: datetime, policy: RetryPolicy) -> Decision[Notice]:
    unclear = notice.model_copy(update={"unknowns": notice.unknowns + 1})
    if notice.matter.reason not in INSISTENT or unclear.unknowns >= policy.unknowns:
        return _end(unclear, NoticeStatus.PARKED, now)
    return _retry_later(unclear, NoticeStatus.UNKNOWN, Wait.ANSWER, now, policy)


def _retry_or_refuse(
    notice: Notice, result: DeliveryResult, at: AttemptMoment, policy: RetryPolicy
) -> Decision[Notice]:
    waiting = notice.model_copy(update={"refused_since": notice.refused_since or at.now})
    if result.reply and result.reply.bounce_class is BounceClass.HARD:
        doubted = {"doubted": result.reply, "due_at": at.now, "held_until": at.real + CONFIRMATION_DELAY}
        return Decision(
            waiting.model_copy(
                update={**doubted, "status": NoticeStatus.RECORDED, "waits_for": Wait.RECIPIENT}
            )
        )
    if at.now - (waiting.refused_since or at.now) >= policy.refused:
        return _end(waiting, NoticeStatus.REFUSED, at.now)
    return _retry_later(waiting, NoticeStatus.RECORDED, Wait.RECIPIENT, at.now, policy)


def wait_for_relay(notice: Notice, now: datetime) -> Decision[Notice]:
    """It was refused by our own fault: due at once, and its recipient's days haven't begun."""
    due = {"status": NoticeStatus.RECORDED, "waits_for": Wait.RELAY, "due_at": now, "held_until": None}
    return Decision(notice.model_copy(update={**due, "failures": 0, "refused_since": None, "doubted": None}))


def refuse(notice: Notice, now: datetime) -> Decision[Notice]:
    """It is the addressee's fault: there is no address, or nothing came that would excuse the refusal."""
    return _end(notice, NoticeStatus.REFUSED, now)


def postpone(notice: Notice, now: datetime, policy: RetryPolicy) -> Decision[Notice]:
    """It can't be written at present (what it needs is missing): later, without an attempt."""
    later = {"due_at": now + policy.longest, "waits_for": Wait.CONTENT}
    return Decision(notice.model_copy(update=later))


def _retry_later(
    notice: Notice, status: NoticeStatus, waits_for: Wait, now: datetime, policy: RetryPolicy
) -> Decision[Notice]:
    wait = policy.wait(notice.failures + notice.unknowns)
    due = {"status": status, "waits_for": waits_for, "due_at": now + wait}
    return Decision(notice.model_copy(update=due))


def _end(notice: Notice, status: NoticeStatus, now: datetime) -> Decision[Notice]:
    ended = notice.model_copy(update={"status": status, "due_at": None, "held_until": None, "doubted": None})
    return Decision(ended, (_outcome_event(ended, now),))


def _outcome_event(notice: Notice, now: datetime) -> Event:
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
