"""Where a subscription stands by the calendar: pure functions of civil dates and a stage table.

Nothing here counts on from an earlier run, so no outage can make it skip or drift.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from services.subscription.domain.policy import Policy
from shared.events.base import Stage


def calendar_stage(counted_from: date, today: date, policy: Policy) -> Stage:
    """The stage on `today` (in the office's zone) when the last day of use is `counted_from`."""
    overdue = (today - counted_from).days
    rows = reversed(policy.stages)
    return next(row.stage for row in rows if row.first_day is None or row.first_day <= overdue)


def next_change_on(counted_from: date, after: date, policy: Policy) -> date | None:
    """The first date later than `after` on which a stage begins or a reminder is due, if any."""
    return _first_after(counted_from, after, {*policy.first_days, *policy.reminders})


def next_stage_on(counted_from: date, after: date, policy: Policy) -> date | None:
    """The first date later than `after` on which another stage begins, if any."""
    return _first_after(counted_from, after, policy.first_days)


def stages_begun(counted_from: date, after: date, until: date, policy: Policy) -> tuple[date, ...]:
    """The dates in (after, until] on which a stage begins, in order."""
    return _within(counted_from, after, until, policy.first_days)


def reminder_due(counted_from: date, after: date, until: date, policy: Policy) -> bool:
    """Whether a reminder fell due in (after, until]. How many did doesn't matter: one is sent."""
    return bool(_within(counted_from, after, until, policy.reminders))


def _first_after(counted_from: date, after: date, days: Iterable[int]) -> date | None:
    overdue = (after - counted_from).days
    day = min((day for day in days if day > overdue), default=None)
    return None if day is None else counted_from + timedelta(days=day)


def _within(counted_from: date, after: date, until: date, days: Iterable[int]) -> tuple[date, ...]:
    first, last = (after - counted_from).days, (until - counted_from).days
    return tuple(counted_from + timedelta(days=day) for day in days if first < day <= last)
