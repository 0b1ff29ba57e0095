"""Delivery attempts of a notice, and what each result leads to.

Each result first updates the relay's record (`update_relay_record`). While the relay is at fault, no
refusal counts against a recipient: the notice stays due. Otherwise a hard bounce is held for some seconds,
because the same refusal from other domains would show that the relay is at fault. After that it is final.
After any other refusal the notice is tried again, for at most `RetryPolicy.refused`.
"""

from datetime import datetime, timedelta

from services.notifier.domain.bounce import BounceClass, SmtpPhase
from services.notifier.domain.delivery_result import DeliveryOutcome, DeliveryResult
from services.notifier.domain.frozen import Frozen
from services.notifier.domain.matter import Expiring, StageMatter
from services.notifier.domain.notice import CHANNEL, Notice, NoticeStatus, Wait
from services.notifier.domain.reason import INSISTENT
from services.notifier.domain.relay_record import RelayRecord
from shared.events.base import Event
from shared.events.notifier import NoticeDelivered, NoticeFailed
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

CONFIRMATION_DELAY = timedelta(seconds=5)
_GREYLISTED = timedelta(hours=1)
"""A temporary refusal counts against the relay only after this time: greylisting refuses first mails."""


class RetryPolicy(Frozen):
    """When to try again: `first` is the wait after the first failure, `longest` the longest wait. `refused`
    is for how long a recipient may refuse, `unknowns` how many attempts may end with an unknown outcome."""

    first: timedelta
    longest: timedelta
    refused: timedelta
    unknowns: int

    def wait(self, failed: int) -> timedelta:
        doublings: int = 2 ** min(max(failed - 1, 0), 20)
        return min(self.first * doublings, self.longest)


class AttemptMoment(Frozen):
    """One instant in domain time (`now`) and in real time."""

    now: datetime
    real: datetime


def begin_attempt(notice: Notice, now: datetime, held_until: datetime) -> Decision[Notice]:
    """Begin an attempt. By `held_until` (real time) it has certainly ended."""
    begun = {"status": NoticeStatus.SENDING, "attempts": notice.attempts + 1, "attempted_at": now}
    return Decision(notice.model_copy(update={**begun, "held_until": held_until, "doubted": None}))


def update_relay_record(
    record: RelayRecord, notice: Notice, result: DeliveryResult, domain: str, at: AttemptMoment
) -> RelayRecord:
    """Add this result, for a recipient of `domain`, to the relay's record.

    If the relay has been healthy since it last refused this letter, a refusal of the recipient or the letter
    changes nothing: the cause is the letter or its recipient, not the relay.
    """
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
    """Record the result of attempt number `attempt`. None: the notice has moved on, and nothing changes.

    A result still counts when it comes after the attempt was recorded as unknown.
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
    """The relay is at fault: the notice stays due, and its recipient's days of refusal start from zero."""
    due = {"status": NoticeStatus.RECORDED, "waits_for": Wait.RELAY, "due_at": now, "held_until": None}
    return Decision(notice.model_copy(update={**due, "failures": 0, "refused_since": None, "doubted": None}))


def refuse(notice: Notice, now: datetime) -> Decision[Notice]:
    """End the notice as refused: it has no usable address, or the relay was not the cause of the refusal."""
    return _end(notice, NoticeStatus.REFUSED, now)


def postpone(notice: Notice, now: datetime, policy: RetryPolicy) -> Decision[Notice]:
    """Try later, without counting an attempt: something that the letter needs is missing."""
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
        "renewal_id": None if isinstance(notice.matter, StageMatter) else notice.matter.renewal_id,
        "smtp_code": notice.smtp_code,
    }
    if notice.status is NoticeStatus.DELIVERED:
        return NoticeDelivered.model_validate(common)
    outcome = "unknown" if notice.status is NoticeStatus.PARKED else "refused"
    return NoticeFailed.model_validate({**common, "outcome": outcome})
