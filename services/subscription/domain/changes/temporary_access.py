"""Temporary access: the days that an office gets for showing its stamped form, once a term, and those up to
the last one on which it signs its contract, where that waits for it.

It bridges the time until the original has come by post. A copy that is told of late, as a dead letter is,
gives what is left of its days and nothing that is over. A copy that gives no day more than the office has
anyway is none of the term's one.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.subscription.domain.facts import RegistrationFacts, ReminderGiven
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import Decided, apply_change
from services.subscription.domain.subscription import Subscription
from shared.time.calendar import civil_date

_LONGEST_WAIT = timedelta(days=90)


class PaperCopy(NamedTuple):
    """The stamped form of the renewal `renewal_id`, shown at the instant `uploaded_at`."""

    renewal_id: UUID
    uploaded_at: datetime


def grant_for_copy(
    state: Subscription, copy: PaperCopy, days: int, now: datetime, policies: Policies
) -> Decided | None:
    """`days` more days of full access after the day of showing, also where service had ended. None where
    the copy gives none."""
    today = max(civil_date(now, state.zone), state.told_on)
    uploaded_on = min(civil_date(copy.uploaded_at, state.zone), today)  # a clock elsewhere may run ahead
    until = uploaded_on + timedelta(days=days)
    if days == 0 or until < today or until <= state.last_day or not _may_get_access(state, copy):
        return None
    refused_at = state.registrations.get(copy.renewal_id, RegistrationFacts()).copy_refused_at
    if refused_at and copy.uploaded_at <= refused_at:  # told of late: refused before it is given
        until = min(until, civil_date(refused_at, state.zone))
    more = {"temporary_until": until, "temporary_for": copy.renewal_id}
    return apply_change(
        state, lambda before: _with_reminder_seen(before.with_(**more), uploaded_on), now, policies
    )


def _with_reminder_seen(state: Subscription, on: date) -> Subscription:
    """The signed-in renewer who shows the copy reads until when it gives access: that is a warning."""
    return state.with_(warned=ReminderGiven(counted_from=state.last_day, on=on))


def _may_get_access(state: Subscription, copy: PaperCopy) -> bool:
    """Not twice a term, and not for what is closed, has its contract, or is of an earlier term."""
    earlier = state.renewed_at is not None and copy.uploaded_at <= state.renewed_at
    closed = state.registrations.get(copy.renewal_id, RegistrationFacts()).closed
    return not (state.temporary_until or earlier or closed or copy.renewal_id in state.renewals)


def bridge_until_assent(state: Subscription, renewal_id: UUID, until: date, today: date) -> Subscription:
    """Access rests on the form while the contract waits for the office, which signs it up to `until`. The
    form must be here by what this service was told, and nobody waits for longer than ninety days."""
    known = state.registrations.get(renewal_id, RegistrationFacts())
    until = min(until, today + _LONGEST_WAIT)
    here = known.signed or known.paper_revision
    if not here or known.closed or until <= max(state.last_day, today - timedelta(days=1)):
        return state
    return state.with_(temporary_until=until, temporary_for=renewal_id)


def end_access(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """What that registration gave ends: today is its last day, and the term's one time is used."""
    if not _is_running(state, renewal_id, today):
        return state
    return _with_reminder_seen(state.with_(temporary_until=today), today - timedelta(days=1))


def close_access(
    state: Subscription, renewal_id: UUID, replaced_by: UUID | None, today: date
) -> Subscription:
    """The bridge falls with its registration. Where another registration takes the place, it leads there."""
    if replaced_by and _is_running(state, renewal_id, today):
        return state.with_(temporary_for=replaced_by)
    return end_access(state, renewal_id, today)


def _is_running(state: Subscription, renewal_id: UUID, today: date) -> bool:
    """Whether temporary access that the registration gave lasts beyond today."""
    until = state.temporary_until
    return until is not None and until > today and state.temporary_for == renewal_id
