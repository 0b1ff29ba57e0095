"""Concessions of a named person to one office: an extension, or an exemption from the lock for a while."""

from datetime import date, datetime, timedelta
from typing import Literal

from services.subscription.domain.changes.temporary_access import follow_last_day
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.facts import Concession
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import (
    Decided,
    add_record,
    add_reminder,
    catch_up,
    finalise,
    recompute,
)
from services.subscription.domain.subscription import Subscription
from shared.time.calendar import civil_date

Kind = Literal["extension", "exemption"]
LONGEST = timedelta(days=366)


def concede(
    state: Subscription, kind: Kind, granted: Concession | None, now: datetime, policies: Policies
) -> Decided:
    """Grant or change a concession, or take it back (None). It counts at once.

    Raises SubscriptionError if its last day is past, or more than 366 days away.
    """
    today = civil_date(now, state.zone)
    if granted:
        _check(granted.until, today)
    before, passed = catch_up(state, today, now, policies)
    changed = follow_last_day(before, before.with_(**{kind: granted}), now)
    after, moved = recompute(before, changed, now, policies)
    events = add_reminder(state, after, (*passed, *moved), now, policies)
    return finalise(after, add_record(state, after, events, now, policies), now, policies)


def _check(until: date, today: date) -> None:
    if until < today:
        raise SubscriptionError("date-past")
    if until > today + LONGEST:
        raise SubscriptionError("date-too-far")
