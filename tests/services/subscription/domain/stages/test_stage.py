from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.stages.policy import Policy
from services.subscription.domain.stages.stage import calendar_stage, next_reminder_on, reminder_due
from shared.events.base import Stage
from tests.services.subscription.examples import ENDS, R117, VIEWING, days

dates = st.dates(date(2000, 1, 1), date(2100, 12, 31))
distances = st.integers(-500, 500)
tables = st.sampled_from([R117, VIEWING])


def walked(counted_from: date, policy: Policy, reach: int = 900) -> dict[date, Stage]:
    """The same in another way: a walk from far before to far after, a day at a time."""
    begins = {row.first_day: row.stage for row in policy.stages}
    stage, stages = begins[None], {}
    for day in range(-reach, reach + 1):
        stage = begins.get(day, stage)
        stages[counted_from + days(day)] = stage
    return stages


@given(dates, distances, tables)
def test_stage_agrees_with_a_walk_over_the_table(counted_from: date, distance: int, policy: Policy) -> None:
    today = counted_from + days(distance)
    assert calendar_stage(counted_from, today, policy) == walked(counted_from, policy)[today]


@pytest.mark.parametrize(
    ("days_left", "stage"),
    [
        (91, "active"), (90, "expiring"), (1, "expiring"), (0, "expiring"), (-1, "locked"), (-29, "locked"),
        (-30, "final_notice"), (-59, "final_notice"), (-60, "terminated"), (-61, "terminated"),
    ],
)  # fmt: skip
def test_stage_at_the_edges_of_the_note(days_left: int, stage: str) -> None:
    assert calendar_stage(ENDS, ENDS - days(days_left), R117) == stage


@given(dates, distances, st.integers(0, 300), tables)
def test_the_reminders_between_two_days_are_those_a_walk_meets(
    counted_from: date, distance: int, outage: int, policy: Policy
) -> None:
    after = counted_from + days(distance)
    due = [counted_from - days(left) for left in policy.reminder_days]
    later = [day for day in due if day > after]
    assert next_reminder_on(counted_from, after, policy) == min(later, default=None)
    until = after + days(outage)
    assert reminder_due(counted_from, after, until, policy) == any(day <= until for day in later)


@pytest.mark.parametrize("expires_on", [date(2028, 2, 29), date(2027, 1, 31), date(2027, 3, 31)])
def test_reminders_do_not_drift_over_month_ends_and_leap_days(expires_on: date) -> None:
    """Guards against: each reminder is counted from the last one (monthly from 31 January)."""
    day, reminders = expires_on - days(200), []
    while (due := next_reminder_on(expires_on, day, R117)) is not None:
        reminders.append((expires_on - due).days)
        day = due
    assert reminders == [90, 60, 30, 15, 7, 3, 1, 0]


def test_a_check_made_on_29_february_and_an_expiry_on_29_february() -> None:
    leap = date(2028, 2, 29)
    assert calendar_stage(leap, leap, R117) == Stage.EXPIRING
    assert calendar_stage(leap, date(2028, 3, 1), R117) == Stage.LOCKED
    assert calendar_stage(date(2028, 1, 30), leap, R117) == Stage.FINAL_NOTICE
    assert calendar_stage(date(2028, 5, 29), leap, R117) == Stage.EXPIRING
    assert calendar_stage(date(2028, 5, 30), leap, R117) == Stage.ACTIVE
