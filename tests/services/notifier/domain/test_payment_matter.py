"""Which payment events cause a notice of their own, and until when each notice is true."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.matter import NoticeEvent, matter_of
from services.notifier.domain.notice import Notice, is_overtaken
from services.notifier.domain.payment.progress import PaymentProgress
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay

ALL: list[NoticeEvent] = [
    pay.day_accepted(),
    pay.day_refused(),
    pay.day_extended(),
    pay.awaited("due"),
    pay.awaited("overdue", 3),
    pay.not_seen(),
    pay.claim_refused(),
    pay.received(),
    pay.taken_back(refunded=True),
    pay.taken_back(),
]
ASKING = ALL[:7]
NEXT_DAY = pay.TODAY + timedelta(days=1)


def status(closed: bool = False, **payment: Any) -> SubscriptionStatus:
    known = RegistrationProgress(
        registered_at=ex.NOON, closed=closed, payment=PaymentProgress.model_validate(payment)
    )
    return SubscriptionStatus(office_ref="office-1", product_code="qlts", renewals={ex.renewal_id(): known})


def overtaken(event: NoticeEvent, known: SubscriptionStatus | None, today: date = pay.TODAY) -> bool:
    return is_overtaken(matter_of(event), known, today)


@given(st.sampled_from(ALL), st.integers(0, 10**6))
def test_an_event_told_twice_is_one_notice(event: NoticeEvent, seconds: int) -> None:
    again = event.model_copy(update={"recorded_at": event.recorded_at + timedelta(seconds=seconds)})
    assert ex.notice(event).id == ex.notice(again).id


def test_each_event_is_a_notice_of_its_own() -> None:
    later = ex.NOON + timedelta(hours=1)
    others: list[NoticeEvent] = [
        pay.awaited("due", 2),
        pay.awaited("due", due_on=pay.LATER_DAY),
        pay.awaited("overdue", 4),
        pay.not_seen(reminder=2),
        pay.not_seen(NEXT_DAY),
        pay.claim_refused(at=later),
        pay.received(number=2),
        pay.taken_back(number=2),
        pay.taken_back(refunded=True, number=2),
        pay.received(name="second", number=3),
        pay.day_accepted(name="second"),
    ]
    ids = {ex.notice(event).id for event in (*ALL, *others)}
    assert len(ids) == len(ALL) + len(others)


@given(st.sampled_from(ALL))
def test_notice_survives_being_kept_and_names_nobody(event: NoticeEvent) -> None:
    notice = ex.notice(event)
    stored = notice.model_dump_json()
    assert Notice.model_validate_json(stored) == notice
    assert "Tân Thạnh" not in stored
    assert "@tanthanh" not in stored


@pytest.mark.parametrize("event", [pay.awaited(due_on=None), pay.awaited("not_seen")])
def test_payment_awaited_without_its_day_is_no_notice(event: NoticeEvent) -> None:
    with pytest.raises(ValueError, match="payment"):
        matter_of(event)


@pytest.mark.parametrize("event", ASKING)
@pytest.mark.parametrize(
    ("known", "is_over"),
    [
        (None, False),
        (status(), False),
        (status(paid=pay.TOTAL - 1, total=pay.TOTAL), False),
        (status(paid=pay.TOTAL, total=pay.TOTAL), True),
        (status(paid=pay.TOTAL + 1, total=pay.TOTAL), True),
        (status(closed=True), True),
    ],
)
def test_nobody_is_asked_for_money_that_came_or_is_no_longer_due(
    event: NoticeEvent, known: SubscriptionStatus | None, is_over: bool
) -> None:
    assert overtaken(event, known) is is_over


@pytest.mark.parametrize(
    ("event", "known", "is_over"),
    [
        (pay.day_accepted(), status(commitment="accepted", pay_by=pay.PAY_BY), False),
        (pay.day_accepted(), status(commitment="accepted", pay_by=pay.LATER_DAY), True),
        (pay.day_extended(), status(commitment="accepted", pay_by=pay.LATER_DAY), False),
        (pay.day_refused(), status(commitment="refused", pay_by=pay.PAY_BY), False),
        (pay.day_refused(), status(commitment="accepted", pay_by=pay.PAY_BY), True),
        (pay.awaited("due", 1), status(pay_by=pay.PAY_BY, reminded=1), False),
        (pay.awaited("due", 1), status(pay_by=pay.PAY_BY, reminded=2), True),
        (pay.awaited("due", 1), status(pay_by=pay.PAY_BY, reminded=1, claimed_on=pay.TODAY), True),
        (pay.awaited("due", 1), status(claimed_on=pay.TODAY, claim_refused=True), False),
        (pay.awaited("overdue", 3), status(pay_by=pay.PAY_BY, reminded=3, claimed_on=pay.TODAY), False),
        (pay.awaited("overdue", 3), status(pay_by=pay.LATER_DAY, reminded=3), True),
        (pay.not_seen(), status(claimed_on=pay.TODAY), False),
        (pay.not_seen(), status(claimed_on=NEXT_DAY), True),
        (pay.not_seen(), status(claimed_on=pay.TODAY, claim_refused=True), True),
        (pay.not_seen(), status(pay_by=pay.LATER_DAY, reminded=9), False),
        (pay.claim_refused(), status(claimed_on=pay.TODAY, claim_refused=True), False),
    ],
)
def test_notice_is_true_until_the_next_step(
    event: NoticeEvent, known: SubscriptionStatus, is_over: bool
) -> None:
    assert overtaken(event, known) is is_over


@pytest.mark.parametrize("known", [None, status()])
@pytest.mark.parametrize(
    ("event", "last"),
    [
        (pay.day_accepted(), pay.PAY_BY),
        (pay.day_extended(), pay.LATER_DAY),
        (pay.awaited("due"), pay.PAY_BY),
        (pay.awaited("overdue"), None),
        (pay.not_seen(), None),
    ],
)
def test_day_to_pay_that_has_passed_is_not_told(
    event: NoticeEvent, last: date | None, known: SubscriptionStatus | None
) -> None:
    if last:
        assert not overtaken(event, known, last)
    after = (last or pay.LATER_DAY) + timedelta(days=1)
    assert overtaken(event, known, after) is (last is not None)


def test_receipt_is_true_unless_it_was_recorded_in_error() -> None:
    wrong = status(closed=True, misrecorded={str(pay.receipt_id()): True})
    assert overtaken(pay.received(), wrong)
    for event in (pay.received(number=2), pay.taken_back(), pay.taken_back(refunded=True)):
        assert not overtaken(event, wrong)
        assert not overtaken(event, None)


def test_copy_of_an_older_release_knows_no_payment() -> None:
    older = RegistrationProgress.model_validate({"registration_no": "DK-1", "closed": False})
    assert older.payment == PaymentProgress()
    assert older.payment.open_amount is None
    assert not older.payment.is_complete


def test_late_notice_waits_for_the_event_that_overtakes_it() -> None:
    for event in ALL:
        later = ex.NOON + timedelta(days=2)
        assert ex.notice(event, now=later).held_until == later + timedelta(seconds=3)
        assert ex.notice(event).held_until is None
