"""What follows from the answer to each attempt."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.answer import NOT_SENT, UNKNOWN, Answer, Outcome, answer_to
from services.notifier.domain.delivery import Patience, postpone, settle, take
from services.notifier.domain.matter import Told
from services.notifier.domain.notice import Notice, Status
from shared.events.base import Event
from shared.events.notifier import NoticeDelivered, NoticeFailed
from tests.services.notifier import examples as ex

PATIENCE = Patience(first=timedelta(seconds=60), longest=timedelta(hours=1), failures=3, unknowns=3)
NOW = ex.NOON
DELIVERED = Answer(outcome=Outcome.DELIVERED, code=250)
BUSY = Answer(outcome=Outcome.DEFERRED, code=450)
ANSWERS = [DELIVERED, BUSY, NOT_SENT, UNKNOWN, Answer(outcome=Outcome.REFUSED, code=550)]
INSISTENT = [
    ex.locked(1),
    ex.locked(30),
    ex.terminated(),
    ex.issued(),
    ex.paper_returned(),
    ex.refused(),
    ex.cancelled(cancelled_by="desk"),
]
REMINDING = [ex.expiring(30), ex.registered()]


def sending(event: Told) -> Notice:
    return take(ex.notice(event), NOW, NOW + timedelta(seconds=60)).state


def settled(notice: Notice, answer: Answer) -> Notice:
    decision = settle(notice, notice.attempts, answer, NOW, PATIENCE)
    assert decision is not None
    return decision.state


def test_an_attempt_stays_due_while_it_lasts() -> None:
    notice = sending(ex.locked())
    assert (notice.status, notice.attempts, notice.attempted_at) == (Status.SENDING, 1, NOW)
    assert notice.due_at is not None
    assert notice.held_until == NOW + timedelta(seconds=60)


def test_delivered_is_told_with_contact_by_id() -> None:
    notice = sending(ex.locked())
    decision = settle(notice, 1, DELIVERED, NOW, PATIENCE)
    assert decision is not None
    assert (decision.state.status, decision.state.due_at) == (Status.DELIVERED, None)
    (told,) = decision.events
    assert isinstance(told, NoticeDelivered)
    assert (told.notice_id, told.message_id) == (str(notice.id), notice.message_id)
    assert (told.reason, told.contact_id) == ("locked", str(notice.contact_id))


def test_refused_is_told_with_its_code() -> None:
    decision = settle(sending(ex.expiring()), 1, answer_to(550, handed_over=False), NOW, PATIENCE)
    assert decision is not None
    (told,) = decision.events
    assert isinstance(told, NoticeFailed)
    assert (told.outcome, told.smtp_code) == ("refused", 550)


@pytest.mark.parametrize("event", INSISTENT)
def test_insistent_notice_goes_again_when_the_outcome_is_unknown(event: Told) -> None:
    again = settled(sending(event), UNKNOWN)
    assert (again.status, again.due_at, again.held_until) == (
        Status.UNKNOWN,
        NOW + timedelta(seconds=60),
        None,
    )
    assert again.message_id == sending(event).message_id


@pytest.mark.parametrize("event", REMINDING)
def test_reminder_is_parked_when_the_outcome_is_unknown(event: Told) -> None:
    decision = settle(sending(event), 1, UNKNOWN, NOW, PATIENCE)
    assert decision is not None
    assert (decision.state.status, decision.state.due_at) == (Status.PARKED, None)
    (told,) = decision.events
    assert isinstance(told, NoticeFailed)
    assert told.outcome == "unknown"


def test_busy_server_is_asked_again_ever_later_and_then_given_up() -> None:
    notice, waits = ex.notice(ex.expiring()), []
    while notice.due_at is not None:
        notice = settled(take(notice, NOW, NOW).state, BUSY)
        waits.append(notice.due_at and notice.due_at - NOW)
    assert waits == [timedelta(seconds=60), timedelta(seconds=120), None]
    assert (notice.status, notice.smtp_code) == (Status.REFUSED, 450)


def test_what_never_reached_the_server_is_never_given_up() -> None:
    notice = ex.notice(ex.expiring())
    for _ in range(20):
        notice = settled(take(notice, NOW, NOW).state, NOT_SENT)
    assert (notice.status, notice.failures) == (Status.RECORDED, 0)
    assert notice.due_at == NOW + timedelta(hours=1)


def test_answer_that_comes_after_it_was_given_up_as_unknown_counts() -> None:
    given_up = settled(sending(ex.locked()), UNKNOWN)
    assert settled(given_up, DELIVERED).status is Status.DELIVERED
    assert settle(given_up, 1, UNKNOWN, NOW, PATIENCE) is None


def test_answer_of_an_older_attempt_changes_nothing() -> None:
    second = take(settled(sending(ex.locked()), UNKNOWN), NOW, NOW).state
    assert settle(second, 1, DELIVERED, NOW, PATIENCE) is None


def test_what_cannot_be_written_waits_without_an_attempt() -> None:
    later = postpone(ex.notice(ex.issued()), NOW, PATIENCE).state
    assert (later.status, later.attempts, later.due_at) == (Status.RECORDED, 0, NOW + timedelta(hours=1))


@given(st.sampled_from([*INSISTENT, *REMINDING]), st.lists(st.sampled_from(ANSWERS), max_size=12))
def test_every_history_tells_its_end_once(event: Told, answers: list[Answer]) -> None:
    notice, told = ex.notice(event), list[Event]()
    for answer in answers:
        if notice.due_at is None:
            break
        notice = take(notice, NOW, NOW).state
        decision = settle(notice, notice.attempts, answer, NOW, PATIENCE)
        assert decision is not None
        notice = decision.state
        told += decision.events
    ended = notice.status in (Status.DELIVERED, Status.REFUSED, Status.PARKED)
    assert len(told) == ended
    assert (notice.due_at is None) == ended
    assert notice.failures <= PATIENCE.failures
    assert notice.unknowns <= PATIENCE.unknowns


def test_refusals_for_now_do_not_use_up_the_patience_with_unknown_outcomes() -> None:
    notice = ex.notice(ex.locked())
    for answer in (BUSY, BUSY, UNKNOWN, UNKNOWN):
        notice = settled(take(notice, NOW, NOW).state, answer)
    assert (notice.status, notice.failures, notice.unknowns) == (Status.UNKNOWN, 2, 2)


@pytest.mark.parametrize(
    ("code", "handed_over", "outcome"),
    [
        (421, True, Outcome.DEFERRED),
        (452, False, Outcome.DEFERRED),
        (550, False, Outcome.REFUSED),
        (554, True, Outcome.REFUSED),
        (-1, True, Outcome.UNKNOWN),
        (-1, False, Outcome.DEFERRED),
        (354, True, Outcome.UNKNOWN),
    ],
)
def test_reply_codes(code: int, handed_over: bool, outcome: Outcome) -> None:
    assert answer_to(code, handed_over=handed_over).outcome is outcome
