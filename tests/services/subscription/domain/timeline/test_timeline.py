"""The timeline agrees with the events of the past, and foresees the events to come."""

from collections.abc import Iterable
from datetime import date

from hypothesis import given

from services.subscription.domain.changes import data
from services.subscription.domain.changes.concession import concede
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.timeline.forecast import forecast, forecast_within
from services.subscription.domain.timeline.items import Item
from services.subscription.domain.timeline.texts import sentence
from shared.events.base import Event, Stage
from shared.events.platform import DataRecoveryAnswered
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionExpiring,
    SubscriptionTerminated,
)
from shared.text.i18n import Text
from tests.services.subscription.domain.life_story import (
    POLICIES,
    Life,
    closed,
    corrected,
    extended,
    freed,
    lived,
    lives,
    notice,
    registered,
    released,
    renewed,
    shown,
    starts,
    stated,
    story,
    tables,
)
from tests.services.subscription.examples import ENDS, days, noon

Moved = AccessLocked | AccessRestored | SubscriptionExpiring | SubscriptionTerminated


def told(items: Iterable[Item]) -> list[tuple[str, date, Text]]:
    return [(item.kind, item.on, item.text) for item in items]


def kinds(items: Iterable[Item]) -> list[str]:
    return [item.kind for item in items]


def again(items: Iterable[Item]) -> list[tuple[str, date]]:
    return [(item.kind, item.on) for item in items if item.kind in ("reminder", "warned_again")]


def retold(events: Iterable[Event]) -> list[tuple[str, date]]:
    """The repeated reminders and last warnings, by the events."""
    found = []
    for event in events:
        if isinstance(event, SubscriptionExpiring) and event.old_stage == event.new_stage:
            found.append(("reminder", event.effective_on))
        if isinstance(event, AccessLocked) and event.old_stage == event.new_stage:
            found.append(("warned_again", event.effective_on))
    return found


def stages(items: Iterable[Item]) -> list[tuple[date, Text]]:
    """Without those from expiring back to active, which have no event of their own."""
    back = sentence("stage", old=Stage.EXPIRING, new=Stage.ACTIVE)
    return [(item.on, item.text) for item in items if item.kind == "stage" and item.text != back]


def moved(events: Iterable[Event]) -> list[tuple[date, Text]]:
    return [
        (event.effective_on, sentence("stage", old=event.old_stage, new=event.new_stage))
        for event in events
        if isinstance(event, Moved) and event.old_stage != event.new_stage
    ]


@given(starts, tables, lives)
def test_stages_that_happened_are_those_of_the_events(left: int, policy: str, life: Life) -> None:
    it = lived(left, policy, life)
    assert stages(it.items) == moved(it.events)
    if "corrected" not in kinds(it.items):
        assert again(it.items) == retold(it.events)


@given(starts, tables, lives)
def test_what_is_to_come_is_what_the_days_then_bring(left: int, policy: str, life: Life) -> None:
    it = lived(left, policy, life)
    foreseen = [item for item in it.future if item.on <= it.today + days(200)]
    earlier, start = len(it.events), it.today
    for _ in range(200):
        it.waits(1)
    events = it.events[earlier:]
    assert stages([item for item in foreseen if not item.needs]) == moved(events)
    assert again(foreseen) == retold(events)
    assert all(item.on > start for item in foreseen)


@given(starts, tables, lives)
def test_an_end_is_foreseen_for_everybody_who_has_not_ended(left: int, policy: str, life: Life) -> None:
    """An end comes by itself or says what it needs; and all items are in order of days."""
    it = lived(left, policy, life)
    all_of_it = list(forecast(StageContext.of(it.state, POLICIES), it.today))
    assert [one.on for one in all_of_it] == sorted(one.on for one in all_of_it)
    if it.state.stage is Stage.TERMINATED:
        assert not all_of_it
    else:
        *_, end = all_of_it
        assert end.new is Stage.TERMINATED
        may_come_by_itself = it.state.release is not None and not it.state.open_registrations
        assert end.needs or may_come_by_itself
        assert all(one.needs in ((), ("notices",)) for one in all_of_it[:-1])


def test_quiet_year_of_an_office_is_foreseen_with_its_reminders_and_its_end() -> None:
    future = story(100).future
    assert [(item.kind, (item.on - ENDS).days) for item in future] == [
        ("stage", -90),
        *(("reminder", -left) for left in (60, 30, 15, 7, 3, 1, 0)),
        ("stage", 1),
        ("reminder", 1),
        ("held", 8),
        ("stage", 30),
        ("end", 60),
        ("deletion_due", 90),
    ]
    assert [item.needs for item in future if item.kind == "stage"] == [(), ("notices",), ("notices",)]
    end = next(item for item in future if item.kind == "end")
    assert end.needs == ("notices", "release")
    assert end.text == Text(
        "Có thể chấm dứt dịch vụ, chỉ khi: mọi thông báo đã được ghi nhận, hai người cùng duyệt trước",
        "Service may end, only if: every notice is on record, two people release it beforehand",
    )


def test_access_for_a_picture_is_listed_and_that_it_ended_before_its_days() -> None:
    it = story(20)
    it.does(registered(it))
    until = it.today + days(20 + 15)
    assert told(it.does(shown(it))) == [
        (
            "temporary",
            it.today,
            Text(f"Được dùng tạm đến hết ngày {until:%d/%m/%Y}", f"Temporary access through {until}"),
        )
    ]
    assert kinds(it.does(closed(it))) == ["registration_closed", "temporary_withdrawn"]


def test_each_change_is_listed_with_who_and_why() -> None:
    it = story(20)
    assert told(it.does(extended(30)(it))) == [
        (
            "extension",
            it.today,
            Text("Cho dùng thêm đến hết ngày 10/01/2027", "Extension through 2027-01-10"),
        )
    ]
    assert (it.items[-1].who, it.items[-1].why) == ("person:lan", "lũ lụt")
    withdrawn = it.does(lambda s: concede(s, "extension", None, noon(it.today), POLICIES), reason="nhầm")
    assert (kinds(withdrawn), withdrawn[0].why) == (["extension_withdrawn"], "nhầm")
    assert kinds(it.does(registered(it))) == ["registered"]
    assert kinds(it.does(closed(it))) == ["registration_closed"]
    assert told(it.does(corrected(10)(it))) == [
        (
            "corrected",
            it.today,
            Text(
                "Ngày sử dụng cuối cùng đổi từ 31/12/2026 thành 21/12/2026",
                "Last day of use changed from 2026-12-31 to 2026-12-21",
            ),
        )
    ]
    assert kinds(it.does(renewed(it))) == ["renewed", "stage"]


def test_outage_over_two_stages_lists_both_with_their_days() -> None:
    it = story(3)
    it.does(notice(Stage.EXPIRING)(it))
    assert [(item.kind, (item.on - ENDS).days) for item in it.waits(40)] == [("stage", 1), ("stage", 30)]


def test_way_to_the_end_of_the_data_and_back() -> None:
    it = story(-20)
    it.waits(10)
    assert told(it.does(notice(Stage.FINAL_NOTICE)(it)))[0][2].en == "The notice “About to end” is on record"
    it.waits((it.state.ends_on - it.today).days - 1 if it.state.ends_on else 0)
    assert kinds(it.does(released(it))) == ["end_released"]
    assert it.items[-1].text.en.startswith("lan and minh released the end from")
    assert kinds(it.waits(1)) == ["stage"]
    assert kinds(it.future) == ["deletion_due"]
    it.does(lambda state: data.propose_deletion(state, "lan", "hết hạn giữ", noon(it.today)))
    assert (it.items[-1].kind, it.items[-1].why) == ("deletion_proposed", "hết hạn giữ")
    it.waits(31)
    it.does(lambda state: data.approve_deletion(state, "minh", noon(it.today), POLICIES))
    assert it.items[-1].kind == "deletion_requested"
    assert it.future == []
    it.does(lambda state: data.request_recovery(state, noon(it.today), POLICIES))
    answered = DataRecoveryAnswered(
        **it.events[-1].model_dump(exclude={"recovery_id", "terminated_on", "deleted_on"}),
        recovery_id=it.state.recoveries[0].id,
        answer="partly",
        note="",
    )
    assert kinds(it.does(lambda state: data.answer_recovery(state, answered))) == ["recovery_answered"]
    assert it.items[-1].text.en == "Answer to the recovery request: restored in part"
    assert kinds(it.does(renewed(it))) == ["renewed", "deletion_cancelled", "stage"]


def test_date_of_a_list_is_held_listed_and_released() -> None:
    it = story(200)
    assert kinds(it.does(stated(-5)(it))) == ["corrected", "held", "stage"]
    assert it.state.hold == "date_too_new"
    assert kinds(it.does(freed(it))) == ["hold_released", "stage"]


def test_lapsed_release_is_listed() -> None:
    it = story(-20)
    it.waits(10)
    it.does(notice(Stage.FINAL_NOTICE)(it))
    it.waits((it.state.ends_on - it.today).days - 1 if it.state.ends_on else 0)
    it.does(released(it))
    it.does(registered(it))
    assert kinds(it.waits(2)) == ["release_lapsed"]


def test_entering_ends_with_the_last_day_of_the_window() -> None:
    context = StageContext.of(story(100).state, POLICIES)
    today = ENDS - days(100)
    assert list(forecast_within(context, today, 9)) == []
    assert [one.on for one in forecast_within(context, today, 10)] == [ENDS - days(90)]
