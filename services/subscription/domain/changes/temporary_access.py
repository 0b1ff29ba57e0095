"""Temporary access: for a signature or a copy of the stamped form.

A copy bridges the time until the original arrives by post, a signature the time until the contract. Both are
worth the same days, counted from the day on which the form came, or from the last day of full access if that
is later; access lasts at most ninety days from the day on which the form came. If the event comes late, like
a dead letter, the office gets only the days that are left.

A term has one copy and one signature that give days. Only days that were used count: what would not lengthen
the access, or ended before its days began, uses nothing up. If the last day of full access moves, the days
that are left follow the new one. A copy gives nothing once any form gave days. A
signature gives its days whatever a copy gave before it: they last at least as long as if there had been no
copy. A further signature of the same term, of a registration that follows a closed one, gives what is left of
the days of the first. A form that came after a commitment of the term was broken gives none.

A registration may give access longer, while its contract is awaited (awaited_contract.py). One that replaces
another takes over the days of its forms, but not what was committed or paid for it.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.subscription.domain.changes.awaited_contract import (
    bridge_while_awaited,
    gave_without_form,
    waits_until,
    was_broken_before,
)
from services.subscription.domain.facts import FormDays, ReminderGiven
from services.subscription.domain.registration_facts import RegistrationFacts
from services.subscription.domain.subscription import Subscription
from shared.time.calendar import civil_date

WEEK_OF_NOTICES = timedelta(days=7)


class SentForm(NamedTuple):
    """The form of the renewal `renewal_id` came at the instant `at`: signed, or as a copy of the stamped
    form."""

    renewal_id: UUID
    at: datetime


def bridge_for_copy(state: Subscription, copy: SentForm, days: int, now: datetime) -> Subscription:
    """Give the copy's `days` days of access, and what its registration gives now that its form is shown. The
    state itself if that is no more than it has."""
    today = _today(state, now)
    after = bridge_while_awaited(_with_copy_days(state, copy, days, now), today)
    if after.last_day == state.last_day:
        return after
    return _with_reminder_seen(after, min(civil_date(copy.at, state.zone), today))


def _with_copy_days(state: Subscription, copy: SentForm, days: int, now: datetime) -> Subscription:
    """The state itself if the copy gives no more access. A copy that was refused before its event was read
    gives access until the day of its refusal."""
    given = _days_for(state, copy, days, now, None)
    if given is None or _gave_days(state):
        return state
    until = given.last_day(state.full_until)
    refused_at = state.registrations.get(copy.renewal_id, RegistrationFacts()).copy_refused_at
    if refused_at and copy.at <= refused_at:
        refused_on = civil_date(refused_at, state.zone)
        until, given = min(until, refused_on), given.ended(state.full_until, refused_on)
    if until <= state.full_until:
        return state
    holder = _holder(state, copy.renewal_id)
    until = max(until, state.temporary_until or until)
    return state.with_(temporary_until=until, temporary_for=holder, copy_days=given)


def _gave_days(state: Subscription) -> bool:
    """Whether temporary access by a form reaches beyond the full access, or days of a form were used. A last
    day that an extension or a correction has overtaken uses nothing up. Access by a payment or a commitment
    is none by a form; what nothing explains was given for a form by an earlier release."""
    known = (_of_this_term(state, state.signed_days), _of_this_term(state, state.copy_days))
    forms = [form for form in known if form is not None]
    reaches = state.temporary_until is not None and state.temporary_until > state.full_until
    runs = any(form.last_day(state.full_until) > state.full_until for form in forms)
    by_form = reaches and (runs or not gave_without_form(state))
    return by_form or any(form.used > 0 for form in forms)


def bridge_for_signature(state: Subscription, form: SentForm, days: int, now: datetime) -> Subscription:
    """Give the signature's `days` days of access. The state itself if they are over, or don't reach beyond
    the last day of full access."""
    earlier, known = _of_this_term(state, state.signed_days), state.signed_until
    given = _days_for(state, form, days, now, earlier)
    if given is None:
        return state
    until = given.last_day(state.full_until)
    if earlier is None and known and known > state.full_until:  # an earlier release gave the days
        if known < _today(state, now):
            return state
        until, given = known, None
    after = state.with_(
        temporary_until=max(until, state.temporary_until or until),
        temporary_for=_holder(state, form.renewal_id),
        signed_until=until,
        signed_days=given,
    )
    return state if after == state else after


def _days_for(
    state: Subscription, form: SentForm, days: int, now: datetime, earlier: FormDays | None
) -> FormDays | None:
    """The form's `days` days, or those that are left of the `earlier` form's. None if they are over or not
    more than the full access, or if the registration is closed and not replaced, has its contract, or belongs
    to an earlier term; or if a commitment was broken before."""
    today = _today(state, now)
    came_on = min(civil_date(form.at, state.zone), today)  # a clock elsewhere may run ahead
    given = FormDays(came_on=came_on, count=days, counted_to=came_on, term_since=state.renewed_at)
    if earlier:
        given = earlier.again(came_on, state.full_until, today, runs=state.signed_until is not None)
    too_late = was_broken_before(state, form.at)
    past_term = state.renewed_at is not None and form.at <= state.renewed_at
    in_time = not (too_late or past_term)
    ours = _holder(state, form.renewal_id) and in_time and form.renewal_id not in state.renewals
    until = given.last_day(state.full_until)
    more = days and given.left and until > state.full_until and until >= today
    return given if ours and more else None


def _of_this_term(state: Subscription, given: FormDays | None) -> FormDays | None:
    """`given`, unless an earlier release began a new term and left it."""
    return given if given and given.term_since == state.renewed_at else None


def follow_last_day(before: Subscription, changed: Subscription, now: datetime) -> Subscription:
    """`changed`, whose last day of full access differs from that of `before`, with the days of the forms
    after it, and what is given while a contract is awaited. Used days stay used. Days that were cut short
    don't run again by themselves."""
    if changed.full_until == before.full_until:
        return changed
    today = _today(changed, now)
    return bridge_while_awaited(_with_moved_days(before, changed, today), today)


def _with_moved_days(before: Subscription, changed: Subscription, today: date) -> Subscription:
    if (present := before.temporary_until) is None:
        return changed
    moved: list[tuple[date, date]] = []
    signed, copy = _of_this_term(before, before.signed_days), _of_this_term(before, before.copy_days)
    if signed and (ended := before.signed_until):
        signed, until = _moved(signed, ended, before, changed, today)
        moved += [(ended, until)] if until else []
        stays = ended if ended <= present else None
        changed = changed.with_(signed_days=signed, signed_until=until or stays)
    if copy:
        ended = copy.last_day(before.full_until)
        copy, until = _moved(copy, ended, before, changed, today)
        moved += [(ended, until)] if until else []
        changed = changed.with_(copy_days=copy)
    return changed.with_(temporary_until=_last_of(before, present, moved, today))


def _moved(
    given: FormDays, ended: date, before: Subscription, changed: Subscription, today: date
) -> tuple[FormDays, date | None]:
    """The days, counted up to today, and their new last day. None if none is left or the access was cut short
    before `ended`, their last day until now."""
    counted = given.counted(before.full_until, today)
    runs = before.temporary_until is not None and ended <= before.temporary_until and counted.left
    return counted, counted.last_day(changed.full_until) if runs else None


def _last_of(before: Subscription, present: date, moved: list[tuple[date, date]], today: date) -> date:
    """The last day of temporary access. `present` stays if something else gave it, as a contract does that
    waits for the office."""
    until = waits_until(before, before.temporary_for, today) if before.temporary_for else None
    waits = [until] if until and until <= present else []
    stays = [] if present in [ended for ended, _ in moved] else [present]
    return max([*(until for _, until in moved), *waits, *stays])


def _holder(state: Subscription, renewal_id: UUID) -> UUID | None:
    """The open registration that has the access: `renewal_id`, or the one that replaced it before its form
    was read. None if that is closed."""
    known = state.registrations.get(renewal_id, RegistrationFacts())
    if not known.closed:
        return renewal_id
    instead = state.registrations.get(known.replaced_by) if known.replaced_by else None
    return None if instead and instead.closed else known.replaced_by


def _today(state: Subscription, now: datetime) -> date:
    return max(civil_date(now, state.zone), state.told_on)


def _with_reminder_seen(state: Subscription, on: date) -> Subscription:
    """With a reminder on record: the signed-in renewer who uploads a copy reads how long access lasts."""
    return state.with_(warned=ReminderGiven(counted_from=state.last_day, on=on))


def end_access(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """End the access that the registration gave: today is its last day."""
    return _shorten(state, renewal_id, today, today)


def end_copy_access(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """End the access that only a copy gave: today is its last day.

    The days of a signature stay, and the days during which the contract is awaited.
    """
    stays = [day for day in (state.signed_until, waits_until(state, renewal_id, today)) if day]
    if state.copy_days and state.temporary_for == renewal_id:
        state = state.with_(copy_days=state.copy_days.ended(state.full_until, today))
    return _shorten(state, renewal_id, max([today, *stays]), today)


def end_payment_access(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """End the access that only a payment or a commitment gave, because the payment was given back or recorded
    in error, or the form was sent back: the office has a week of notices.

    The days of a signature and of a copy stay, and what else gives access while the contract is awaited.
    """
    stays = [day for day in (_form_until(state), waits_until(state, renewal_id, today)) if day]
    return _shorten(state, renewal_id, max([today + WEEK_OF_NOTICES, *stays]), today, keeps_copy=True)


def close_access(
    state: Subscription, renewal_id: UUID, replaced_by: UUID | None, today: date
) -> Subscription:
    """End the access of a closed registration, or hand the days of its forms to the registration that
    replaces it."""
    if not replaced_by or not _is_running(state, renewal_id, today):
        return end_access(state, renewal_id, today)
    known = state.registrations.get(renewal_id, RegistrationFacts())
    if known.committed_until or known.paid_until:
        until = max(_form_until(state) or today, today)
        state = _shorten(state, renewal_id, until, today, keeps_copy=True)
    return state.with_(temporary_for=replaced_by) if state.temporary_until else state


def _form_until(state: Subscription) -> date | None:
    """The last day of the days that the term's forms gave. A refused copy's last day is its refusal's."""
    copy = _of_this_term(state, state.copy_days)
    days = (state.signed_until, copy.last_day(state.full_until) if copy else None)
    return max((day for day in days if day), default=None)


def _shorten(
    state: Subscription, renewal_id: UUID, until: date, today: date, *, keeps_copy: bool = False
) -> Subscription:
    """Let the registration's access end on `until`, if it lasts longer. Without a day beyond the full access,
    it uses nothing up.

    The office is told at once: if today becomes its last day of use, that counts as yesterday's reminder, and
    the lock may follow tomorrow.
    """
    if not _is_running(state, renewal_id, max(until, today)):
        return state
    copy = state.copy_days
    if copy and not keeps_copy:
        copy = copy.ended(state.full_until, today)
    after = state.with_(temporary_until=until, copy_days=copy)
    if until <= state.full_until:
        after = state.with_(temporary_until=None, temporary_for=None, signed_until=None)
        after = after.with_(signed_days=_if_used(state.signed_days), copy_days=_if_used(copy))
    return _with_reminder_seen(after, today - timedelta(days=1)) if after.last_day == today else after


def _if_used(given: FormDays | None) -> FormDays | None:
    return given if given and given.used else None


def _is_running(state: Subscription, renewal_id: UUID, day: date) -> bool:
    """Whether temporary access that the registration gave lasts beyond `day`."""
    until = state.temporary_until
    return until is not None and until > day and state.temporary_for == renewal_id
