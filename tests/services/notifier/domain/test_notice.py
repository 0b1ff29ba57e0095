"""Which events cause a notice, which notices are the same one, and what overtakes a notice."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.contact import contact_id
from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.notice import Notice, NoticeStatus, is_overtaken, overtake
from services.notifier.domain.registration_matter import ClosureEvent, is_news
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from shared.events.base import SendBy, Stage
from shared.ids import fresh, subscription_id
from tests.services.notifier import examples as ex

SUBSCRIPTION = subscription_id("office-1", "qlts")
OF_PAPER: list[NoticeEvent] = [
    ex.signature_awaited(),
    ex.paper_awaited(),
    ex.paper_received(),
    ex.paper_returned(),
    ex.copy_refused(),
    ex.refused(),
]


def subscription(stage: Stage, **more: object) -> SubscriptionStatus:
    known = {"office_ref": "office-1", "product_code": "qlts", "zone": ex.ZONE, "expires_on": ex.LAST_DAY}
    return SubscriptionStatus.model_validate({**known, "stage": stage, **more})


def test_same_second_same_trigger_twice_is_one_notice() -> None:
    first, second = ex.locked(), ex.locked(recorded_at=ex.on(-1) + timedelta(seconds=1))
    assert ex.notice(first).id == ex.notice(second).id


@pytest.mark.parametrize(
    "other",
    [
        ex.expiring(15),
        ex.locked(1),
        ex.locked(30),
        ex.terminated(),
        ex.expiring(30, office_ref="office-2"),
        ex.expiring(30).model_copy(update={"expires_on": date(2027, 12, 31)}),
        ex.registered(),
        ex.issued(),
        *OF_PAPER,
    ],
)
def test_another_day_reason_term_or_office_is_another_notice(other: NoticeEvent) -> None:
    assert ex.notice(other).id != ex.notice(ex.expiring(30)).id


def test_a_second_registration_causes_a_notice_and_the_same_one_none() -> None:
    first, later = ex.registered(), ex.registered(at=ex.NOON + timedelta(hours=1))
    assert ex.notice(first).id == ex.notice(later).id
    assert ex.notice(first).id != ex.notice(ex.registered(name="second")).id


@pytest.mark.parametrize("sheet", [ex.paper_received, ex.paper_returned])
def test_a_second_sheet_of_one_registration_is_another_notice(
    sheet: Callable[[datetime], NoticeEvent],
) -> None:
    """Guards against: the form is sent back twice, and the office gets one mail."""
    first, second = sheet(ex.NOON), sheet(ex.NOON + timedelta(hours=1))
    assert ex.notice(first).id != ex.notice(second).id
    retold = first.model_copy(update={"recorded_at": ex.NOON + timedelta(days=1)})
    assert ex.notice(first).id == ex.notice(retold).id


def test_each_reminder_for_the_form_causes_one_notice() -> None:
    first = ex.paper_awaited()
    assert ex.notice(first).id == ex.notice(ex.paper_awaited(ex.NOON + timedelta(days=1))).id
    assert ex.notice(first).id != ex.notice(ex.paper_awaited(reminder=2)).id


@pytest.mark.parametrize("asked", [ex.paper_awaited, ex.signature_awaited])
def test_form_that_is_awaited_again_causes_a_new_reminder(asked: Callable[[], NoticeEvent]) -> None:
    """Guards against: the count of reminders begins again after a form was sent back, the notice gets the
    first reminder's id, and the office gets no mail."""
    first, anew = (
        asked().model_copy(update={"awaited_since": ex.NOON + timedelta(days=day)}) for day in (0, 9)
    )
    assert ex.notice(first).id != ex.notice(anew).id


def on_paper(**more: object) -> SubscriptionStatus:
    known = {"send_by": SendBy.PAPER, "registered_at": ex.NOON, **more}
    return subscription(Stage.LOCKED, renewals={ex.renewal_id(): RegistrationProgress.model_validate(known)})


@pytest.mark.parametrize(
    ("event", "now_at", "overtaken"),
    [
        (ex.paper_awaited(), on_paper(reminded=1), False),
        (ex.paper_awaited(), on_paper(reminded=2), True),
        (ex.paper_awaited(reminder=2), on_paper(reminded=2), False),
        (ex.paper_awaited(), on_paper(paper_here=True), True),
        (ex.paper_awaited(), on_paper(closed=True), True),
        (ex.paper_awaited(), on_paper(send_by=SendBy.ELECTRONIC), True),
        (ex.paper_awaited(), on_paper(signed=True), False),
        (ex.paper_awaited(), on_paper(issued=True), True),
        (ex.paper_awaited(), on_paper(registered_at=None), False),
        (ex.paper_awaited(), subscription(Stage.LOCKED), False),
        (ex.paper_awaited(), None, False),
        (ex.signature_awaited(), on_paper(send_by=SendBy.ELECTRONIC), False),
        (ex.signature_awaited(), on_paper(send_by=SendBy.ELECTRONIC, reminded=2), True),
        (ex.signature_awaited(), on_paper(send_by=SendBy.ELECTRONIC, signed=True), True),
        (ex.signature_awaited(), on_paper(), True),
        (ex.paper_returned(), on_paper(), False),
        (ex.paper_returned(), on_paper(reminded=3), False),
        (ex.paper_returned(), on_paper(paper_here=True), True),
        (ex.paper_returned(), on_paper(closed=True), True),
        (ex.paper_received(), on_paper(closed=True), False),
        (ex.refused(), on_paper(closed=True), False),
    ],
)
def test_reminder_for_the_form_is_true_only_while_it_is_awaited(
    event: NoticeEvent, now_at: SubscriptionStatus | None, overtaken: bool
) -> None:
    assert is_overtaken(ex.notice(event).matter, now_at, ex.NOON.date()) is overtaken


@pytest.mark.parametrize(
    ("event", "news"),
    [
        (ex.refused(), True),
        (ex.cancelled(cancelled_by="desk"), True),
        (ex.cancelled(), False),
        (ex.cancelled(replaced_by=ex.renewal_id("second")), False),
        (ex.cancelled(cancelled_by="desk", replaced_by=ex.renewal_id("second")), False),
    ],
)
def test_the_office_gets_a_notice_of_what_it_did_not_do_itself(event: ClosureEvent, news: bool) -> None:
    assert is_news(event) is news


def test_message_id_is_the_notices_for_good() -> None:
    notice = ex.notice(ex.locked())
    assert notice.message_id == f"<{notice.id}@{ex.DOMAIN}>"
    assert ex.notice(ex.locked(), now=ex.on(-3)).message_id == notice.message_id


def test_a_notice_holds_no_address_and_no_name() -> None:
    for event in (ex.expiring(), ex.locked(), ex.terminated(), ex.registered(), ex.issued(), *OF_PAPER):
        stored = ex.notice(event).model_dump_json()
        assert "@tanthanh" not in stored
        assert "Tân Thạnh" not in stored
        assert "Tuyết" not in stored


def test_contact_is_named_by_its_role() -> None:
    assert contact_id(SUBSCRIPTION) == contact_id(SUBSCRIPTION)
    assert contact_id(SUBSCRIPTION) != contact_id(SUBSCRIPTION, "archive")
    assert contact_id(SUBSCRIPTION) != contact_id(fresh())


def test_reminder_skipped_in_an_outage_is_stored_and_not_sent() -> None:
    told_late = ex.expiring(30, recorded_at=ex.on(20))
    assert ex.notice(told_late).status is NoticeStatus.OVERTAKEN
    assert ex.notice(told_late).due_at is None
    assert ex.notice(ex.expiring(30)).status is NoticeStatus.RECORDED


def test_reminder_is_on_time_in_the_offices_zone_not_in_utc() -> None:
    just_past_midnight = ex.on(30).replace(hour=17) - timedelta(days=1)
    assert ex.notice(ex.expiring(30, recorded_at=just_past_midnight)).status is NoticeStatus.RECORDED


def test_late_lock_is_due_after_a_moment() -> None:
    late = ex.notice(ex.locked(1), now=ex.on(-10))
    assert (late.status, late.due_at) == (NoticeStatus.RECORDED, ex.on(-10))
    assert late.held_until == ex.on(-10) + timedelta(seconds=3)
    assert ex.notice(ex.locked(1)).held_until is None


def test_late_reminder_for_the_form_waits_for_the_event_that_it_came() -> None:
    later = ex.NOON + timedelta(days=2)
    assert ex.notice(ex.paper_awaited(), now=later).held_until == later + timedelta(seconds=3)
    for sooner in (ex.notice(ex.paper_awaited()), ex.notice(ex.refused(), now=later)):
        assert sooner.held_until is None


@pytest.mark.parametrize(
    ("event", "now_at", "overtaken"),
    [
        (ex.locked(1), subscription(Stage.LOCKED), False),
        (ex.locked(1), subscription(Stage.FINAL_NOTICE), True),
        (ex.locked(1), subscription(Stage.ACTIVE, expires_on=date(2027, 12, 31)), True),
        (ex.locked(1), subscription(Stage.LOCKED, expires_on=date(2026, 12, 30)), True),
        (ex.locked(1), None, False),
        (ex.expiring(30), subscription(Stage.EXPIRING, reminded_on=date(2026, 12, 1)), False),
        (ex.expiring(30), subscription(Stage.EXPIRING, reminded_on=date(2026, 12, 16)), True),
        (ex.expiring(30), subscription(Stage.LOCKED), True),
        (ex.registered(), subscription(Stage.TERMINATED), False),
        (ex.issued(), subscription(Stage.ACTIVE, expires_on=date(2027, 12, 31)), False),
    ],
)
def test_what_no_longer_holds_is_overtaken(
    event: NoticeEvent, now_at: SubscriptionStatus | None, overtaken: bool
) -> None:
    assert is_overtaken(ex.notice(event).matter, now_at, ex.NOON.date()) is overtaken


def test_contract_in_force_overtakes_the_lock_before_its_extension_arrives() -> None:
    issued = RegistrationProgress(issued=True, basis_expires_on=ex.LAST_DAY)
    known = subscription(Stage.LOCKED, renewals={ex.renewal_id(): issued})
    assert is_overtaken(ex.notice(ex.locked()).matter, known, ex.NOON.date())


def test_overtaken_notice_has_ended_without_an_event() -> None:
    decision = overtake(ex.notice(ex.locked()))
    assert (decision.state.status, decision.state.due_at, decision.events) == (
        NoticeStatus.OVERTAKEN,
        None,
        (),
    )


@given(st.sampled_from([ex.expiring(3), ex.locked(), ex.terminated(), ex.registered(), *OF_PAPER]))
def test_notice_survives_being_kept(event: NoticeEvent) -> None:
    notice = ex.notice(event)
    assert Notice.model_validate_json(notice.model_dump_json()) == notice
