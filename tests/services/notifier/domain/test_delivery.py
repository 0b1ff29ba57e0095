"""The effect of each attempt's result on a notice."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.bounce import SmtpPhase, parse_reply
from services.notifier.domain.delivery import (
    CONFIRMATION_DELAY,
    AttemptMoment,
    RetryPolicy,
    begin_attempt,
    end_attempt,
    postpone,
    refuse,
    wait_for_relay,
)
from services.notifier.domain.delivery_result import (
    NOT_SENT,
    UNKNOWN,
    DeliveryOutcome,
    DeliveryResult,
    result_of,
)
from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.notice import Notice, NoticeStatus, Wait
from shared.events.base import Event
from shared.events.notifier import NoticeDelivered, NoticeFailed
from shared.storage.aggregate import Decision
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay

RETRY_POLICY = RetryPolicy(
    first=timedelta(seconds=60), longest=timedelta(hours=1), refused=timedelta(days=3), unknowns=3
)
NOW = ex.NOON
AT = AttemptMoment(now=NOW, real=NOW)
DELIVERED = DeliveryResult(outcome=DeliveryOutcome.DELIVERED, code=250)


def refusal(code: int, text: str = "", place: SmtpPhase = SmtpPhase.RECIPIENT) -> DeliveryResult:
    return result_of(parse_reply(place, code, text), handed_over=place is SmtpPhase.LETTER)


BUSY = refusal(450, "4.2.0 busy")
GONE = refusal(550, "5.1.1 no such user")
DENIED = refusal(554, "5.7.1 not wanted")
ANSWERS = [DELIVERED, BUSY, NOT_SENT, UNKNOWN, GONE, DENIED]
INSISTENT = [
    ex.locked(1),
    ex.locked(30),
    ex.terminated(),
    ex.issued(),
    ex.paper_returned(),
    ex.copy_refused(),
    ex.refused(),
    ex.cancelled(cancelled_by="desk"),
    pay.awaited("overdue"),
    pay.taken_back(),
]
REMINDING = [ex.expiring(30), ex.registered(), pay.awaited("due"), pay.received(), pay.taken_back(True)]


def sending(event: NoticeEvent) -> Notice:
    return begin_attempt(ex.notice(event), NOW, NOW + timedelta(seconds=60)).state


def decision_after(
    notice: Notice,
    result: DeliveryResult,
    attempt: int | None = None,
    at: AttemptMoment = AT,
    *,
    ours: bool = False,
) -> Decision[Notice] | None:
    return end_attempt(notice, attempt or notice.attempts, result, at, RETRY_POLICY, relay_at_fault=ours)


def state_after(
    notice: Notice, result: DeliveryResult, at: AttemptMoment = AT, *, ours: bool = False
) -> Notice:
    decision = decision_after(notice, result, at=at, ours=ours)
    assert decision is not None
    return decision.state


def test_an_attempt_stays_due_while_it_lasts() -> None:
    notice = sending(ex.locked())
    assert (notice.status, notice.attempts, notice.attempted_at) == (NoticeStatus.SENDING, 1, NOW)
    assert notice.due_at is not None
    assert notice.held_until == NOW + timedelta(seconds=60)


def test_delivery_is_published_with_the_contacts_id() -> None:
    notice = sending(ex.locked())
    decision = decision_after(notice, DELIVERED, 1)
    assert decision is not None
    assert (decision.state.status, decision.state.due_at) == (NoticeStatus.DELIVERED, None)
    (event,) = decision.events
    assert isinstance(event, NoticeDelivered)
    assert (event.notice_id, event.message_id) == (str(notice.id), notice.message_id)
    assert (event.reason, event.contact_id) == ("locked", str(notice.contact_id))
    assert (event.smtp_code, event.renewal_id) == (250, None)


def test_a_notice_about_a_registration_names_it() -> None:
    decision = decision_after(sending(ex.registered()), DELIVERED, 1)
    assert decision is not None
    (event,) = decision.events
    assert isinstance(event, NoticeDelivered)
    assert event.renewal_id == ex.registered().renewal_id


def test_missing_mailbox_is_doubted_for_seconds_and_then_published_with_its_code() -> None:
    doubted = state_after(sending(ex.expiring()), GONE)
    assert (doubted.status, doubted.due_at, doubted.held_until) == (
        NoticeStatus.RECORDED,
        NOW,
        NOW + CONFIRMATION_DELAY,
    )
    (event,) = refuse(doubted, NOW).events
    assert isinstance(event, NoticeFailed)
    assert (event.outcome, event.smtp_code) == ("refused", 550)


@pytest.mark.parametrize("result", [BUSY, DENIED, refusal(552), refusal(550), NOT_SENT])
def test_recipient_who_refuses_for_three_days_is_given_to_the_desk(result: DeliveryResult) -> None:
    notice, days = ex.notice(ex.expiring()), []
    for hour in range(24 * 4):
        at = AttemptMoment(now=NOW + timedelta(hours=hour), real=NOW)
        if notice.due_at is None:
            break
        notice = state_after(begin_attempt(notice, at.now, at.now).state, result, at)
        days.append(hour / 24)
    assert (notice.status, notice.smtp_code, days[-1]) == (NoticeStatus.REFUSED, result.code, 3)


@pytest.mark.parametrize("result", [BUSY, GONE, DENIED, NOT_SENT])
def test_what_the_relay_is_to_blame_for_is_never_the_addressees(result: DeliveryResult) -> None:
    """Guards against: after a misconfigured relay every office counted as warned."""
    notice = ex.notice(ex.expiring())
    for hour in range(24 * 9):
        now = NOW + timedelta(hours=hour)
        notice = state_after(
            begin_attempt(notice, now, now).state, result, AttemptMoment(now=now, real=now), ours=True
        )
        assert (notice.status, notice.due_at, notice.waits_for) == (NoticeStatus.RECORDED, now, Wait.RELAY)
    mended = AttemptMoment(now=now, real=now)
    waiting = state_after(begin_attempt(notice, now, now).state, DENIED, mended)
    assert (waiting.status, waiting.refused_since) == (NoticeStatus.RECORDED, now), "its days begin now"


def test_doubted_refusal_is_excused_while_the_relay_is_to_blame() -> None:
    excused = wait_for_relay(state_after(sending(ex.locked()), GONE), NOW)
    assert (excused.events, excused.state.doubted, excused.state.due_at) == ((), None, NOW)


@pytest.mark.parametrize("event", INSISTENT)
def test_insistent_notice_goes_again_when_the_outcome_is_unknown(event: NoticeEvent) -> None:
    again = state_after(sending(event), UNKNOWN)
    assert (again.status, again.due_at, again.held_until) == (
        NoticeStatus.UNKNOWN,
        NOW + timedelta(seconds=60),
        None,
    )
    assert again.message_id == sending(event).message_id


@pytest.mark.parametrize("event", REMINDING)
def test_reminder_is_parked_when_the_outcome_is_unknown(event: NoticeEvent) -> None:
    decision = decision_after(sending(event), UNKNOWN, 1)
    assert decision is not None
    assert (decision.state.status, decision.state.due_at) == (NoticeStatus.PARKED, None)
    (failed,) = decision.events
    assert isinstance(failed, NoticeFailed)
    assert failed.outcome == "unknown"


def test_busy_server_is_tried_again_after_longer_and_longer_waits() -> None:
    notice, waits = ex.notice(ex.expiring()), []
    for _ in range(8):
        notice = state_after(begin_attempt(notice, NOW, NOW).state, BUSY)
        assert notice.due_at is not None
        waits.append((notice.due_at - NOW) / timedelta(minutes=1))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_answer_that_comes_after_it_was_given_up_as_unknown_counts() -> None:
    given_up = state_after(sending(ex.locked()), UNKNOWN)
    assert state_after(given_up, DELIVERED).status is NoticeStatus.DELIVERED
    assert decision_after(given_up, UNKNOWN, 1) is None


def test_answer_of_an_older_attempt_changes_nothing() -> None:
    second = begin_attempt(state_after(sending(ex.locked()), UNKNOWN), NOW, NOW).state
    assert decision_after(second, DELIVERED, 1) is None


def test_what_cannot_be_written_waits_without_an_attempt() -> None:
    later = postpone(ex.notice(ex.issued()), NOW, RETRY_POLICY).state
    assert (later.status, later.attempts, later.due_at) == (
        NoticeStatus.RECORDED,
        0,
        NOW + timedelta(hours=1),
    )


@given(st.sampled_from([*INSISTENT, *REMINDING]), st.lists(st.sampled_from(ANSWERS), max_size=12))
def test_every_history_publishes_its_end_once(event: NoticeEvent, answers: list[DeliveryResult]) -> None:
    notice, events = ex.notice(event), list[Event]()
    for result in answers:
        if notice.due_at is None:
            break
        notice = begin_attempt(notice, NOW, NOW).state
        decision = decision_after(notice, result)
        assert decision is not None
        notice = decision.state
        events += decision.events
    ended = notice.status in (NoticeStatus.DELIVERED, NoticeStatus.REFUSED, NoticeStatus.PARKED)
    assert len(events) == ended
    assert (notice.due_at is None) == ended
    assert notice.unknowns <= RETRY_POLICY.unknowns


def test_refusals_for_now_do_not_use_up_the_patience_with_unknown_outcomes() -> None:
    notice = ex.notice(ex.locked())
    for result in (BUSY, BUSY, UNKNOWN, UNKNOWN):
        notice = state_after(begin_attempt(notice, NOW, NOW).state, result)
    assert (notice.status, notice.failures, notice.unknowns) == (NoticeStatus.UNKNOWN, 2, 2)


@pytest.mark.parametrize(
    ("code", "handed_over", "outcome"),
    [
        (421, True, DeliveryOutcome.DEFERRED),
        (452, False, DeliveryOutcome.DEFERRED),
        (550, False, DeliveryOutcome.REFUSED),
        (554, True, DeliveryOutcome.REFUSED),
        (-1, True, DeliveryOutcome.UNKNOWN),
        (-1, False, DeliveryOutcome.DEFERRED),
        (354, True, DeliveryOutcome.UNKNOWN),
    ],
)
def test_reply_codes(code: int, handed_over: bool, outcome: DeliveryOutcome) -> None:
    place = SmtpPhase.LETTER if handed_over else SmtpPhase.RECIPIENT
    assert result_of(parse_reply(place, code, ""), handed_over=handed_over).outcome is outcome
