"""What the calendar brings is emitted once, in order, even after a long outage."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.stages.end import release_end
from services.subscription.domain.stages.policy import Policy
from services.subscription.domain.stages.progress import advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.events.subscription import AccessLocked, SubscriptionExpiring, SubscriptionTerminated
from shared.time.calendar import civil_date, start_of_day
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    HANOI,
    R117,
    adopted,
    advanced,
    days,
    moves,
    noon,
    release,
)

ZONES = [HANOI, "Asia/Beirut", "America/Santiago", "Pacific/Apia", "America/Havana", "UTC"]


def day_by_day(state: Subscription, until: date) -> tuple[Subscription, list[Event]]:
    events: list[Event] = []
    day = state.told_on
    while day < until:
        day += days(1)
        decision = advance(state, noon(day, state.zone), BOTH)
        state, events = decision.state, events + list(decision.events)
    return state, events


def test_each_reminder_is_emitted_on_its_day_with_the_days_left() -> None:
    state, events = day_by_day(adopted(ENDS - days(100)), ENDS)
    sent = [(e.days_left, e.effective_on) for e in events if isinstance(e, SubscriptionExpiring)]
    assert sent == [(left, ENDS - days(left)) for left in (90, 60, 30, 15, 7, 3, 1, 0)]
    assert len(events) == len(sent)
    assert moves(events) == [("active", "expiring", ENDS - days(90))]
    assert state.stage == Stage.EXPIRING


def test_lock_final_notice_and_end_carry_their_dates() -> None:
    state, events = day_by_day(adopted(ENDS), ENDS + days(30))
    locked, final = events
    assert isinstance(locked, AccessLocked)
    assert isinstance(final, AccessLocked)
    assert (locked.effective_on, locked.days_overdue, locked.access) == (ENDS + days(1), 1, ())
    assert (final.effective_on, final.days_overdue, final.new_stage) == (ENDS + days(30), 30, "final_notice")
    assert locked.terminates_on == final.terminates_on == state.ends_on == ENDS + days(60)
    last = advanced(adopted(ENDS), ENDS + days(45))
    released = release_end(last, release(ENDS + days(60)), noon(ENDS + days(45)), BOTH)
    assert released is not None
    state, (ended,) = day_by_day(released.state, ENDS + days(70))
    assert isinstance(ended, SubscriptionTerminated)
    assert (ended.effective_on, ended.deletion_due_on) == (ENDS + days(60), ENDS + days(90))
    assert (state.terminated_on, state.next_change_at) == (ENDS + days(60), None)


def test_scheduler_down_for_ten_days_over_two_stages_emits_both_in_order() -> None:
    """Guards against: a chain of timers that continues from its last run skips a stage."""
    quick = {**R117.model_dump(), "id": "quick"}
    quick["stages"] = [
        {**row, **({"first_day": 8} if row["first_day"] == 30 else {})} for row in quick["stages"]
    ]
    policies = {"r117": Policy.model_validate(quick)}
    decision = advance(adopted(ENDS - days(1)), noon(ENDS + days(9)), policies)
    assert moves(decision.events) == [
        ("expiring", "locked", ENDS + days(1)),
        ("locked", "final_notice", ENDS + days(8)),
    ]
    assert len(decision.events) == 2


def test_after_a_long_outage_each_stage_is_emitted_with_the_instant_it_began() -> None:
    state = adopted(ENDS - days(95))
    now = noon(ENDS + days(31))
    decision = advance(state, now, BOTH)
    assert moves(decision.events) == [
        ("active", "expiring", ENDS - days(90)),
        ("expiring", "locked", ENDS + days(1)),
        ("locked", "final_notice", ENDS + days(30)),
    ]
    assert all(e.occurred_at == start_of_day(e.effective_on, HANOI) for e in decision.events)
    assert all(e.recorded_at == now for e in decision.events)


def test_of_the_skipped_reminders_one_is_sent_with_what_is_true_today() -> None:
    decision = advance(adopted(ENDS - days(65)), noon(ENDS - days(12)), BOTH)
    assert [
        (e.days_left, e.effective_on) for e in decision.events if isinstance(e, SubscriptionExpiring)
    ] == [(12, ENDS - days(12))]


def test_entering_expiring_late_has_its_own_date_and_the_reminder_todays() -> None:
    decision = advance(adopted(ENDS - days(95)), noon(ENDS - days(88)), BOTH)
    sent = [(e.old_stage, e.days_left) for e in decision.events if isinstance(e, SubscriptionExpiring)]
    assert sent == [("active", 90), ("expiring", 88)]


def test_nothing_is_emitted_twice_or_without_a_change() -> None:
    first = advance(adopted(ENDS - days(31)), noon(ENDS - days(30)), BOTH)
    assert len(first.events) == 1
    again = advance(first.state, noon(ENDS - days(30)), BOTH)
    assert (again.state, again.events) == (first.state, ())
    assert advance(first.state, noon(ENDS - days(29)), BOTH).events == ()


def test_clock_set_forward_and_back_emits_nothing_twice_and_loses_nothing() -> None:
    """Guards against: a job that ran by a fast clock runs again, or never, once the clock is set back."""
    ahead = advance(adopted(ENDS - days(2)), noon(ENDS - days(1)), BOTH)
    back = advance(ahead.state, noon(ENDS - days(2)), BOTH)
    assert back.events == ()
    assert back.state == ahead.state
    _, later = day_by_day(back.state, ENDS + days(1))
    assert [(type(e), e.effective_on) for e in [*ahead.events, *later]] == [
        (SubscriptionExpiring, ENDS - days(1)),
        (SubscriptionExpiring, ENDS),
        (AccessLocked, ENDS + days(1)),
    ]


@pytest.mark.parametrize(
    ("zone", "locked"),
    [(HANOI, True), ("UTC", False), ("America/Santiago", False), ("Pacific/Kiritimati", True)],
)
def test_today_at_2330_utc_is_the_date_on_the_offices_wall(zone: str, locked: bool) -> None:
    """Guards against: "today" is taken in UTC, where the new day begins seven hours late."""
    state = adopted(ENDS - days(5), zone=zone)
    decision = advance(state, datetime(2026, 12, 31, 23, 30, tzinfo=UTC), BOTH)
    assert (decision.state.stage == Stage.LOCKED) == locked


@given(
    st.sampled_from(ZONES),
    st.dates(date(2010, 1, 1), date(2040, 1, 1)),
    st.integers(-70, 200),
    st.integers(1, 200),
    st.sampled_from(sorted(BOTH)),
)
def test_day_by_day_and_after_an_outage_tell_the_same_moves(
    zone: str, expires_on: date, left: int, outage: int, policy: str
) -> None:
    start = adopted(expires_on - days(left), expires_on, zone=zone, policy=policy)
    until = start.told_on + days(outage)
    steady, events = day_by_day(start, until)
    late = advance(start, noon(until, zone), BOTH)
    # Skipped warnings get no notice: the last one's notice counts for all.
    assert late.state.with_(notices=()) == steady.with_(notices=())
    assert moves(late.events) == moves(events)
    reminders = [e for e in late.events if isinstance(e, SubscriptionExpiring) and e.old_stage == e.new_stage]
    assert len(reminders) <= 1
    assert all(e.effective_on == civil_date(e.recorded_at, zone) for e in reminders)


@given(st.sampled_from(ZONES), st.dates(date(2010, 1, 1), date(2040, 1, 1)), st.integers(-40, 120))
def test_the_next_change_is_never_before_or_after_the_change(zone: str, expires_on: date, left: int) -> None:
    """A second before `next_change_at` there is nothing to emit, at it there is: also over clock changes and
    missing days."""
    state = adopted(expires_on - days(left), expires_on, zone=zone)
    while (at := state.next_change_at) is not None:
        assert advance(state, at - timedelta(seconds=1), BOTH).events == ()
        decision = advance(state, at, BOTH)
        assert decision.events != ()
        state = decision.state
    assert state.stage == Stage.FINAL_NOTICE


def test_only_a_change_makes_another_state() -> None:
    state = adopted(ENDS)
    assert state.with_(stage=state.stage, licence=state.licence.model_copy(), hold=None) is state
    changed = state.with_(stage=state.stage, hold="notice_missing")
    assert (changed.hold, state.hold) == ("notice_missing", None)
