"""Temporary access: for a signature or a copy of the stamped form, once a term, and while a contract waits
for the office.

A copy bridges the time until the original arrives by post, a signature the time until the contract. If the
event comes late, like a dead letter, the office gets only the days that are left. What would not lengthen the
access does not use up the one time allowed per term. While a contract waits for the office's signature,
access lasts until the last day on which the office may sign.
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


class SentForm(NamedTuple):
    """The form of the renewal `renewal_id` came at the instant `at`: signed, or as a copy of the stamped
    form."""

    renewal_id: UUID
    at: datetime


def grant_for_copy(
    state: Subscription, copy: SentForm, days: int, now: datetime, policies: Policies
) -> Decided | None:
    """Grant `days` days of full access after the day of the upload, even if service had ended.

    None if the copy gives no more access.
    """
    if bridge_for_form(state, copy, days, now) is state:
        return None

    def bridge(before: Subscription) -> Subscription:
        after, shown_on = bridge_for_form(before, copy, days, now), civil_date(copy.at, before.zone)
        return after if after is before else _with_reminder_seen(after, min(shown_on, _today(before, now)))

    return apply_change(state, bridge, now, policies)


def bridge_for_form(state: Subscription, form: SentForm, days: int, now: datetime) -> Subscription:
    """Give access for `days` days after the day on which the form came. The state itself if that gives no
    more access."""
    today = _today(state, now)
    came_on = min(civil_date(form.at, state.zone), today)  # a clock elsewhere may run ahead
    until = came_on + timedelta(days=days)
    if days == 0 or until < today or until <= state.last_day or not _may_get_access(state, form):
        return state
    refused_at = state.registrations.get(form.renewal_id, RegistrationFacts()).copy_refused_at
    if refused_at and form.at <= refused_at:  # this copy was refused before its event was read
        until = min(until, civil_date(refused_at, state.zone))
    return state.with_(temporary_until=until, temporary_for=form.renewal_id)


def _today(state: Subscription, now: datetime) -> date:
    return max(civil_date(now, state.zone), state.told_on)


def _with_reminder_seen(state: Subscription, on: date) -> Subscription:
    """With a reminder on record: the signed-in renewer who uploads a copy reads how long access lasts."""
    return state.with_(warned=ReminderGiven(counted_from=state.last_day, on=on))


def _may_get_access(state: Subscription, form: SentForm) -> bool:
    """Whether the form may give access: once a term, and not if the registration is closed, has its contract,
    or belongs to an earlier term."""
    earlier = state.renewed_at is not None and form.at <= state.renewed_at
    closed = state.registrations.get(form.renewal_id, RegistrationFacts()).closed
    return not (state.temporary_until or earlier or closed or form.renewal_id in state.renewals)


def bridge_until_assent(state: Subscription, renewal_id: UUID, until: date, today: date) -> Subscription:
    """Give access until `until`, the last day on which the office may sign the contract.

    The signed or stamped form must have arrived, as far as this service knows. Access lasts at most ninety
    days from today.
    """
    known = state.registrations.get(renewal_id, RegistrationFacts())
    until = min(until, today + _LONGEST_WAIT)
    here = known.signed or known.paper_revision
    if not here or known.closed or until <= max(state.last_day, today - timedelta(days=1)):
        return state
    return state.with_(temporary_until=until, temporary_for=renewal_id)


def end_access(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """End the access that the registration gave: today is its last day. The term's one copy stays used up."""
    if not _is_running(state, renewal_id, today):
        return state
    return _with_reminder_seen(state.with_(temporary_until=today), today - timedelta(days=1))


def close_access(
    state: Subscription, renewal_id: UUID, replaced_by: UUID | None, today: date
) -> Subscription:
    """End the access of a closed registration, or hand it to the registration that replaces it."""
    if replaced_by and _is_running(state, renewal_id, today):
        return state.with_(temporary_for=replaced_by)
    return end_access(state, renewal_id, today)


def _is_running(state: Subscription, renewal_id: UUID, today: date) -> bool:
    """Whether temporary access that the registration gave lasts beyond today."""
    until = state.temporary_until
    return until is not None and until > today and state.temporary_for == renewal_id
