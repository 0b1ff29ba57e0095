"""An office that uploads its stamped form gets temporary access while the post is under way, once a term."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.changes import registration, temporary_access
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import advance
from shared.events.base import Stage
from shared.events.subscription import AccessRestored, SubscriptionExpiring, SubscriptionRecorded
from tests.services.subscription.domain.changes.forms import closes, granted, refuse_copy, upload_copy
from tests.services.subscription.domain.changes.states import ID, OTHER, Change, after, locked, renewed
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    adopted,
    advanced,
    days,
    ended,
    moves,
    noon,
    on_paper,
)


def test_a_locked_office_has_fifteen_days_and_then_the_whole_lock_again() -> None:
    """Guards against: temporary access runs out, and service ends overnight because the last day of use is
    long past."""
    today = ENDS + days(40)
    decision = upload_copy(locked(40), today)
    assert decision is not None
    restored, recorded = decision.events
    assert isinstance(restored, AccessRestored)
    assert (restored.old_stage, restored.new_stage) == (Stage.FINAL_NOTICE, Stage.EXPIRING)
    assert isinstance(recorded, SubscriptionRecorded)
    assert (recorded.temporary_until, recorded.licence.expires_on) == (today + days(15), ENDS)
    state, last = decision.state, today + days(15)
    stages = [current_entitlement(state, noon(last + days(n)), BOTH).stage for n in (0, 1, 29, 30)]
    assert stages == [Stage.EXPIRING, Stage.LOCKED, Stage.LOCKED, Stage.FINAL_NOTICE]
    assert current_entitlement(state, noon(last), BOTH).temporary_until == last
    assert current_entitlement(state, noon(last + days(1)), BOTH).temporary_until is None
    walked = advanced(state, last + days(30))
    assert (walked.stage, walked.locked_since) == (Stage.FINAL_NOTICE, last + days(1))
    assert walked.ends_on == last + days(60)


def test_a_refused_copy_takes_nothing_while_the_contract_waits_for_the_office() -> None:
    today, sign_by = ENDS + days(5), ENDS + days(40)
    known = after(
        granted(locked(5), today),
        lambda state: on_paper(state, ID, noon(today), BOTH),
        lambda state: registration.record_paper(state, ID, 1, noon(today), noon(today), BOTH),
        lambda state: registration.await_assent(state, ID, sign_by, noon(today), noon(today), BOTH),
    )
    refused = refuse_copy(known, today + days(1))
    assert refused is not None
    assert refused.state.temporary_until == sign_by


def test_reminders_count_to_the_last_temporary_day() -> None:
    state = granted(locked(5), ENDS + days(5))
    last = ENDS + days(20)
    events = advance(state, noon(last - days(7)), BOTH).events
    (reminder,) = [event for event in events if isinstance(event, SubscriptionExpiring)]
    assert (reminder.days_left, reminder.expires_on) == (7, ENDS)


def test_an_ended_office_is_opened_and_its_data_stays() -> None:
    decision = upload_copy(ended(), ENDS + days(65))
    assert decision is not None
    assert moves(decision.events) == [("terminated", "expiring", ENDS + days(65))]
    assert (decision.state.terminated_on, decision.state.release) == (None, None)


def test_on_the_eve_of_the_lock_only_the_record_is_emitted() -> None:
    decision = upload_copy(advanced(adopted(ENDS - days(100)), ENDS), ENDS)
    assert decision is not None
    assert [type(event) for event in decision.events] == [SubscriptionRecorded]
    assert current_entitlement(decision.state, noon(ENDS + days(15)), BOTH).access == FULL


def test_the_day_is_the_offices_own() -> None:
    state = advanced(adopted(ENDS, zone="Pacific/Kiritimati"), ENDS + days(5))
    late = noon(ENDS + days(5))  # 19:00 there
    copy = temporary_access.SentForm(ID, late + timedelta(hours=6))
    decision = registration.show_copy(state, copy, 15, copy.at, BOTH)
    assert decision is not None
    assert decision.state.temporary_until == ENDS + days(21)


def test_a_clock_that_runs_ahead_elsewhere_gives_no_day_more() -> None:
    today = ENDS + days(5)
    assert granted(locked(5), ENDS + days(900), today).temporary_until == today + days(15)


def test_once_a_term_whichever_registration_shows_it() -> None:
    state = granted(locked(5), ENDS + days(5))
    for id in (ID, OTHER):
        for later in (6, 21, 60):
            assert upload_copy(advanced(state, ENDS + days(later)), ENDS + days(later), id=id) is None


def test_again_in_the_term_of_a_contract_and_not_for_what_was_shown_before_it() -> None:
    state = granted(locked(5), ENDS + days(5))
    state = renewed(state, ENDS + days(10))
    assert (state.temporary_until, state.temporary_for) == (None, None)
    later = advanced(state, ENDS + days(370))
    assert upload_copy(later, ENDS + days(370)) is None, "the contract's own registration"
    assert upload_copy(later, ENDS + days(370), id=OTHER) is not None
    assert upload_copy(later, ENDS + days(9), id=OTHER) is None, "shown in the term before"


@pytest.mark.parametrize(("shown", "until"), [(40, None), (16, None), (15, 15), (3, 27)])
def test_a_copy_handled_late_gives_what_is_left_of_its_days(shown: int, until: int | None) -> None:
    """Guards against: a dead letter of last month opens a locked office today."""
    today = ENDS + days(45)
    decision = upload_copy(locked(45), today - days(shown), today)
    if until is None:
        assert decision is None
        return
    assert decision is not None
    assert decision.state.temporary_until == today + days(15 - shown)
    assert decision.state.stage == Stage.EXPIRING


def test_a_copy_that_gives_no_day_more_uses_nothing_up() -> None:
    """Guards against: an office that uploads its form very early has no temporary access when the post is
    slow."""
    early = adopted(ENDS - days(95))
    assert upload_copy(early, ENDS - days(95)) is None
    assert upload_copy(early, ENDS - days(90)) is None
    assert granted(locked(1), ENDS + days(1)).temporary_until == ENDS + days(16)


@pytest.mark.parametrize("count", [0, 1, 30])
def test_the_days_are_the_products(count: int) -> None:
    decision = upload_copy(locked(5), ENDS + days(5), count=count)
    assert (decision and decision.state.temporary_until) == (ENDS + days(5 + count) if count else None)


def test_the_days_end_with_their_registration_and_were_the_terms_one_time() -> None:
    state, today = granted(locked(5), ENDS + days(5)), ENDS + days(8)
    decision = closes(today)(advanced(state, today))
    assert decision is not None
    assert [e.temporary_until for e in decision.events if isinstance(e, SubscriptionRecorded)] == [today]
    assert decision.state.stage == Stage.EXPIRING
    assert advanced(decision.state, today + days(1)).stage == Stage.LOCKED
    assert upload_copy(decision.state, today, id=OTHER) is None


def test_another_that_takes_its_place_keeps_the_days_and_ends_them() -> None:
    state, today = granted(locked(5), ENDS + days(5)), ENDS + days(8)
    replaced = closes(today, OTHER)(advanced(state, today))
    assert replaced is not None
    assert replaced.state.temporary_until == ENDS + days(20)
    refused = registration.close(replaced.state, OTHER, noon(today), BOTH)
    assert refused is not None
    assert refused.state.temporary_until == today


def test_closed_when_its_days_are_over_changes_no_count() -> None:
    state = advanced(granted(locked(5), ENDS + days(5)), ENDS + days(45))
    decision = closes(ENDS + days(45))(state)
    assert decision is not None
    assert (decision.events, decision.state.temporary_until) == ((), ENDS + days(20))


def test_registered_and_shown_come_to_the_same_in_any_order() -> None:
    today = ENDS + days(5)
    changes: tuple[Change, ...] = (
        lambda state: on_paper(state, ID, noon(today), BOTH),
        lambda state: upload_copy(state, today),
        lambda state: on_paper(state, OTHER, noon(today), BOTH),
    )
    for order in permutations(changes):
        state, last = after(locked(5), *order, *order), ENDS + days(20)
        assert (state.temporary_until, set(state.open_registrations)) == (last, {ID, OTHER})


def test_shown_and_closed_leave_no_access_for_tomorrow_in_any_order() -> None:
    today = ENDS + days(5)
    changes: tuple[Change, ...] = (
        lambda state: on_paper(state, ID, noon(today), BOTH),
        lambda state: upload_copy(state, today),
        closes(today),
    )
    for order in permutations(changes):
        state = advanced(after(locked(5), *order), ENDS + days(6))
        assert (state.stage, state.open_registrations) == (Stage.LOCKED, ())


@given(st.integers(-100, 70), st.integers(0, 40), st.integers(0, 60), st.integers(0, 90))
def test_full_access_through_exactly_the_days_that_are_left(
    overdue: int, ago: int, count: int, later: int
) -> None:
    today = ENDS + days(overdue)
    state = advanced(adopted(ENDS - days(150)), today)
    decision = upload_copy(state, today - days(ago), today, count=count)
    shown = today - days(ago)
    until = min(max(shown, ENDS) + days(count), shown + days(90))
    if decision is None:
        assert count == 0 or until < today or until <= ENDS
        return
    assert decision.state.temporary_until == decision.state.last_day == until > ENDS
    day = today + days(later)
    assert (current_entitlement(decision.state, noon(day), BOTH).access == FULL) == (day <= until)
    assert upload_copy(decision.state, today, id=OTHER) is None
    assert advance(decision.state, noon(today), BOTH).events == (), "all of it is told"


def test_a_copy_that_shows_no_stamp_ends_its_access_and_counts_as_the_terms_one() -> None:
    """Case 38: the desk refuses the copy later. Today is the last day, and no other copy opens the
    product."""
    state, today = granted(locked(5), ENDS + days(5)), ENDS + days(8)
    decision = refuse_copy(state, today)
    assert decision is not None
    (recorded,) = decision.events
    assert isinstance(recorded, SubscriptionRecorded)
    assert recorded.temporary_until == today
    after = decision.state
    assert current_entitlement(after, noon(today), BOTH).access == FULL
    assert current_entitlement(after, noon(today + days(1)), BOTH).access == ()
    assert refuse_copy(after, today) is None
    for id in (ID, OTHER):
        assert upload_copy(advanced(after, today + days(3)), today + days(3), id=id) is None


def test_a_refused_copy_that_gave_nothing_changes_no_access() -> None:
    decision = refuse_copy(adopted(ENDS - days(60)), ENDS - days(59))
    assert decision is not None
    assert decision.events == ()
    assert granted(advanced(decision.state, ENDS + days(1)), ENDS + days(1)).temporary_until == ENDS + days(
        16
    )
    other = refuse_copy(granted(locked(5), ENDS + days(5)), ENDS + days(8), id=OTHER)
    assert other is not None
    assert other.state.temporary_until == ENDS + days(20)


def test_a_copy_handled_after_its_refusal_ends_as_if_handled_in_order() -> None:
    """Guards against: a redriven dead letter opens what the desk has closed."""
    refused = refuse_copy(locked(8), ENDS + days(8))
    assert refused is not None
    late = upload_copy(refused.state, ENDS + days(5), ENDS + days(9))
    assert late is not None
    assert late.state.temporary_until == ENDS + days(8)
    assert current_entitlement(late.state, noon(ENDS + days(9)), BOTH).access == ()
    assert upload_copy(late.state, ENDS + days(9)) is None


def test_a_copy_refused_long_before_the_end_leaves_the_last_day_and_its_reminders() -> None:
    """Guards against: the refusal counts as the reminder of a lock that is weeks away."""
    on = ENDS - days(40)
    decision = refuse_copy(granted(advanced(adopted(ENDS - days(100)), on), on), on + days(2))
    assert decision is not None
    assert decision.state.last_day == ENDS
    assert decision.state.warned is None or decision.state.warned.counted_from != ENDS
    reminded = advanced(decision.state, ENDS)
    assert reminded.warned is not None
    assert reminded.warned.counted_from == ENDS
    assert advanced(reminded, ENDS + days(1)).stage == Stage.LOCKED
