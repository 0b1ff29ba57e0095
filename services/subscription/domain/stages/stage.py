"""The calendar's stage and reminders: pure functions of civil dates and a stage table.

Nothing here depends on an earlier run, so after an outage no stage is skipped and no date drifts.
"""

from datetime import date, timedelta

from services.subscription.domain.stages.policy import Policy
from shared.events.base import Stage


def calendar_stage(counted_from: date, today: date, policy: Policy) -> Stage:
    """The stage on `today` (in the office's zone) when the last day of use is `counted_from`."""
    overdue = (today - counted_from).days
    rows = reversed(policy.stages)
    return next(row.stage for row in rows if row.first_day is None or row.first_day <= overdue)


def next_reminder_on(counted_from: date, after: date, policy: Policy) -> date | None:
    """The first date later than `after` on which a reminder is due, or None."""
    overdue = (after - counted_from).days
    day = min((day for day in policy.reminders if day > overdue), default=None)
    return None if day is None else counted_from + timedelta(days=day)


def reminder_due(counted_from: date, after: date, until: date, policy: Policy) -> bool:
    """Whether a reminder fell due in (after, until]. If several did, still only one is sent."""
    due = next_reminder_on(counted_from, after, policy)
    return due is not None and due <= until
