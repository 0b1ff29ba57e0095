"""Temporary access: for a signature or a copy of the stamped form, and while a contract waits for the
office.

A copy bridges the time until the original arrives by post, a signature the time until the contract. Both are
worth the same days, counted from the day on which the form came, or from the last day of full access if that
is later; access lasts at most ninety days from the day on which the form came. If the event comes late, like
a dead letter, the office gets only the days that are left.

A term has one copy and one signature that give days. Only days that were used count: what would not lengthen
the access, or ended before its days began, uses nothing up. If the last day of full access moves, the days
that are left follow the new one. A copy gives nothing once any form gave days. A
signature gives its days whatever a copy gave before it: they last at least as long as if there had been no
copy. A further signature of the same term, of a registration that follows a closed one, gives what is left of
the days of the first.

While a contract waits for the office's signature, access lasts until the last day on which the office may
sign.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.subscription.domain.facts import (
    LONGEST_FOR_A_FORM,
    FormDays,
    ReminderGiven,
)
from services.subscription.domain.registration_facts import RegistrationFacts
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import Decided, apply_change
from services.subscription.domain.subscription import Subscription
from shared.time.calendar import civil_date

_NOTICE_OF_REVERSAL = timedelta(days=7)


class SentForm(NamedTuple):
    """The form of the renewal `renewal_id` came at the instant `at`: signed, or as a copy of the stamped
    form."""

    renewal_id: UUID
    at: datetime


def grant_for_copy(
    state: Subscription, copy: SentForm, days: int, now: datetime, policies: Policies
) -> Decided | None:
    """Grant `days` days of full access for the copy, even if service had ended.

    None if the copy gives no more access.
    """
    if _bridge_for_copy(state, copy, days, now) is state:
        return None

    def bridge(before: Subscription) -> Subscription:
        after, shown_on = _bridge_for_copy(before, copy, days, now), civil_date(copy.at, before.zone)
        if after is before:
            return after
        after = bridge_for_payment(after, copy.renewal_id, _today(before, now))
        return _with_reminder_seen(after, min(shown_on, _today(before, now)))

    return apply_change(state, bridge, now, policies)


def _bridge_for_copy(state: Subscription, copy: SentForm, days: int, now: datetime) -> Subscription:
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
    return state.with_(temporary_until=until, temporary_for=holder, copy_days=given)


def _gave_days(state: Subscription) -> bool:
    """Whether temporary access reaches beyond the full access, or days of a form were used. A last day that
    an extension or a correction has overtaken uses nothing up."""
    reaches = state.temporary_until is not None and state.temporary_until > state.full_until
    known = (_of_this_term(state, state.signed_days), _of_this_term(state, state.copy_days))
    return reaches or any(form is not None and form.used > 0 for form in known)


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
    to an earlier term."""
    today = _today(state, now)
    came_on = min(civil_date(form.at, state.zone), today)  # a clock elsewhere may run ahead
    given = FormDays(came_on=came_on, count=days, counted_to=came_on, term_since=state.renewed_at)
    if earlier:
        given = earlier.again(came_on, state.full_until, today, runs=state.signed_until is not None)
    past_term = state.renewed_at is not None and form.at <= state.renewed_at
    ours = _holder(state, form.renewal_id) and not past_term and form.renewal_id not in state.renewals
    until = given.last_day(state.full_until)
    more = days and given.left and until > state.full_until and until >= today
    return given if ours and more else None


def _of_this_term(state: Subscription, given: FormDays | None) -> FormDays | None:
    """`given`, unless an earlier release began a new term and left it."""
    return given if given and given.term_since == state.renewed_at else None


def follow_last_day(before: Subscription, changed: Subscription, now: datetime) -> Subscription:
    """`changed`, whose last day of full access differs from that of `before`, with the days of the forms
    after it. Used days stay used. Days that were cut short don't run again by themselves."""
    present, today = before.temporary_until, _today(changed, now)
    if present is None or changed.full_until == before.full_until:
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
    return changed.with_(temporary_until=_last_of(before, present, moved))


def _moved(
    given: FormDays, ended: date, before: Subscription, changed: Subscription, today: date
) -> tuple[FormDays, date | None]:
    """The days, counted up to today, and their new last day. None if none is left or the access was cut short
    before `ended`, their last day until now."""
    counted = given.counted(before.full_until, today)
    runs = before.temporary_until is not None and ended <= before.temporary_until and counted.left
    return counted, counted.last_day(changed.full_until) if runs else None


def _last_of(before: Subscription, present: date, moved: list[tuple[date, date]]) -> date:
    """The last day of temporary access. `present` stays if something else gave it, as a contract does that
    waits for the office."""
    holder = before.registrations.get(before.temporary_for) if before.temporary_for else None
    until = holder.waits_until if holder else None
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


def bridge_until_assent(state: Subscription, renewal_id: UUID, until: date, today: date) -> Subscription:
    """Give access until `until`, the last day on which the office may sign the contract.

    The signed or stamped form must have arrived, as far as this service knows. Access lasts at most ninety
    days from today.
    """
    known = state.registrations.get(renewal_id, RegistrationFacts())
    until = min(until, today + LONGEST_FOR_A_FORM)
    here = known.signed or known.paper_revision
    if not here or known.closed or until <= max(state.last_day, today - timedelta(days=1)):
        return state
    return state.with_(temporary_until=until, temporary_for=renewal_id)


def bridge_for_payment(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """Give the access of an accepted commitment, or of a payment in full, while the contract is awaited. A
    commitment alone gives nothing: its form must be here, signed, stamped or shown as a copy."""
    known = state.registrations.get(renewal_id, RegistrationFacts())
    days = (known.committed_until if _is_copy_shown(state, renewal_id) else None, known.payment_until)
    until = max((day for day in days if day), default=None)
    if until is None or known.closed or not known.is_known or until <= max(state.last_day, today):
        return state
    return state.with_(temporary_until=until, temporary_for=renewal_id)


def _is_copy_shown(state: Subscription, renewal_id: UUID) -> bool:
    """Whether a copy gave the registration's access, and wasn't refused. A new copy counts from the day after
    the refusal on."""
    refused_at = state.registrations.get(renewal_id, RegistrationFacts()).copy_refused_at
    copy = state.copy_days if state.temporary_for == renewal_id else None
    return copy is not None and not (refused_at and copy.came_on <= civil_date(refused_at, state.zone))


def end_access(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """End the access that the registration gave: today is its last day."""
    return _shorten(state, renewal_id, today, today)


def end_copy_access(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """End the access that only a copy gave: today is its last day.

    The days of a signature stay, and the days during which the contract is awaited.
    """
    known = state.registrations.get(renewal_id, RegistrationFacts())
    stays = [day for day in (state.signed_until, known.waits_until) if day]
    return _shorten(state, renewal_id, max([today, *stays]), today)


def end_payment_access(state: Subscription, renewal_id: UUID, today: date) -> Subscription:
    """End the access that only a payment gave, because it was given back or recorded in error: the office has
    a week of notices."""
    known = state.registrations.get(renewal_id, RegistrationFacts())
    stays = [day for day in (state.signed_until, known.waits_until) if day]
    return _shorten(state, renewal_id, max([today + _NOTICE_OF_REVERSAL, *stays]), today)


def close_access(
    state: Subscription, renewal_id: UUID, replaced_by: UUID | None, today: date
) -> Subscription:
    """End the access of a closed registration, or hand it to the registration that replaces it."""
    if replaced_by and _is_running(state, renewal_id, today):
        return state.with_(temporary_for=replaced_by)
    return end_access(state, renewal_id, today)


def _shorten(state: Subscription, renewal_id: UUID, until: date, today: date) -> Subscription:
    """Let the registration's access end on `until`, if it lasts longer. Without a day beyond the full access,
    it uses nothing up.

    The office is told at once: if today becomes its last day of use, that counts as yesterday's reminder, and
    the lock may follow tomorrow.
    """
    if not _is_running(state, renewal_id, max(until, today)):
        return state
    copy = state.copy_days and state.copy_days.ended(state.full_until, today)
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
