"""A contract in force extends the term and gives access back."""

from datetime import date
from uuid import UUID

import pytest

from services.subscription.domain.access import in_force
from services.subscription.domain.changes import advance, apply_contract, correct
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
)
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    VIEWING,
    adopted,
    contract,
    days,
    licence,
    moves,
    noon,
)

NEXT = date(2027, 12, 31)


def at(left: int, policy: str = "r117") -> Subscription:
    """A subscription known long before and told day by day until `left` days are left."""
    state = adopted(ENDS - days(150), policy=policy)
    return advance(state, noon(ENDS - days(left)), BOTH).state


def kinds(events: tuple[Event, ...]) -> list[type[Event]]:
    return [type(event) for event in events]


@pytest.mark.parametrize("left", [100, 30, 0])
def test_renewed_while_in_use_extends_and_restores_nothing(left: int) -> None:
    decision = apply_contract(at(left), contract(ENDS, NEXT), noon(ENDS - days(left)), BOTH)
    renewed, recorded = decision.events
    assert isinstance(renewed, SubscriptionRenewed)
    assert isinstance(recorded, SubscriptionRecorded)
    assert (renewed.basis_expires_on, renewed.expires_on, renewed.new_stage) == (ENDS, NEXT, "active")
    assert recorded.licence == licence(NEXT, package="advanced", users=30)
    assert decision.state.renewals == (UUID(int=1),)


@pytest.mark.parametrize(("left", "stage"), [(-1, "locked"), (-45, "final_notice"), (-60, "terminated")])
def test_renewed_after_access_was_taken_gives_it_back_at_once(left: int, stage: str) -> None:
    today = ENDS - days(left)
    decision = apply_contract(at(left), contract(ENDS, NEXT), noon(today), BOTH)
    renewed, restored, recorded = decision.events
    assert isinstance(renewed, SubscriptionRenewed)
    assert isinstance(restored, AccessRestored)
    assert isinstance(recorded, SubscriptionRecorded)
    assert (restored.old_stage, restored.new_stage, restored.access) == (stage, "active", FULL)
    assert renewed.old_stage == stage
    assert restored.effective_on == today
    assert in_force(decision.state, noon(today), BOTH).access == FULL


def test_a_partly_closed_product_is_opened_whole() -> None:
    state = at(-20, VIEWING.id)
    assert [c.value for c in in_force(state, noon(ENDS + days(20)), BOTH).access] == ["read"]
    decision = apply_contract(state, contract(ENDS, NEXT), noon(ENDS + days(20)), BOTH)
    assert AccessRestored in kinds(decision.events)


def test_the_same_renewal_twice_extends_once() -> None:
    once = apply_contract(at(5), contract(ENDS, NEXT), noon(ENDS - days(5)), BOTH)
    twice = apply_contract(once.state, contract(ENDS, NEXT), noon(ENDS), BOTH)
    assert (twice.state, twice.events) == (once.state, ())


def test_a_new_term_leaves_nothing_of_the_old_ones_respites() -> None:
    """A warning lengthened once, or temporary access, belongs to the term in which it was given."""
    today = ENDS + days(45)
    state = adopted(today).with_(temporary_until=ENDS + days(1), extended_until=ENDS + days(2))
    assert state.terminates_from == today + days(30)
    renewed = apply_contract(state, contract(ENDS, NEXT), noon(today), BOTH).state
    assert (renewed.temporary_until, renewed.extended_until, renewed.terminates_from) == (None, None, None)


def test_the_next_terms_reminders_follow_the_new_last_day() -> None:
    state = apply_contract(at(5), contract(ENDS, NEXT), noon(ENDS - days(5)), BOTH).state
    decision = advance(state, noon(NEXT - days(90)), BOTH)
    assert [(e.days_left, e.expires_on) for e in decision.events if isinstance(e, SubscriptionExpiring)] == [
        (90, NEXT)
    ]
    second = contract(NEXT, date(2028, 12, 31), number=2)
    assert apply_contract(state, second, noon(NEXT), BOTH).state.licence.expires_on == date(2028, 12, 31)


def test_a_lock_the_schedule_had_not_told_is_told_before_the_renewal() -> None:
    decision = apply_contract(at(1), contract(ENDS, NEXT), noon(ENDS + days(1)), BOTH)
    assert kinds(decision.events) == [AccessLocked, SubscriptionRenewed, AccessRestored, SubscriptionRecorded]
    assert moves(decision.events[2:]) == [("locked", "active", ENDS + days(1))]


def test_a_contract_over_another_last_day_goes_to_the_desk_with_full_access_meanwhile() -> None:
    state = at(-10)
    decision = apply_contract(state, contract(ENDS - days(1), NEXT), noon(ENDS + days(10)), BOTH)
    (restored,) = decision.events
    assert isinstance(restored, AccessRestored)
    assert restored.access == FULL
    assert decision.state.licence == state.licence
    assert [item.contract_number for item in decision.state.disputed] == ["1/2026/HĐ-QLTS"]
    for later in (11, 45, 400):
        held = advance(decision.state, noon(ENDS + days(later)), BOTH)
        assert held.events == ()
        answer = in_force(held.state, noon(ENDS + days(later)), BOTH)
        assert (answer.access, answer.valid_until) == (FULL, None)


def test_a_disputed_contract_changes_nothing_for_an_office_in_use() -> None:
    decision = apply_contract(at(50), contract(ENDS - days(1), NEXT), noon(ENDS - days(50)), BOTH)
    assert decision.events == ()
    assert advance(decision.state, noon(ENDS - days(30)), BOTH).events == ()
    again = apply_contract(decision.state, contract(ENDS - days(1), NEXT), noon(ENDS), BOTH)
    assert (again.state, again.events) == (decision.state, ())


def test_the_desks_decision_arrives_as_a_corrected_last_day() -> None:
    disputed = apply_contract(at(-10), contract(ENDS - days(1), NEXT), noon(ENDS + days(10)), BOTH).state
    renamed = correct(disputed, licence(name="Trường Tiểu học Ba Đình"), noon(ENDS + days(11)), BOTH)
    assert len(renamed.state.disputed) == 1
    settled = correct(disputed, licence(NEXT), noon(ENDS + days(40)), BOTH)
    assert settled.state.disputed == ()
    assert settled.state.stage == Stage.ACTIVE
    refused = correct(disputed, licence(ENDS + days(2)), noon(ENDS + days(40)), BOTH)
    assert moves(refused.events) == [("expiring", "final_notice", ENDS + days(40))]


def test_a_29_february_term_ends_where_the_contract_says() -> None:
    """Kind of fault: a year added to 29 February raises or ends on 1 March."""
    leap = date(2028, 2, 29)
    state = adopted(leap - days(20), leap)
    decision = apply_contract(state, contract(leap, date(2029, 2, 28)), noon(leap), BOTH)
    assert decision.state.licence.expires_on == date(2029, 2, 28)
    assert moves(advance(decision.state, noon(date(2029, 3, 1)), BOTH).events)[-1] == (
        "expiring", "locked", date(2029, 3, 1),
    )  # fmt: skip


def test_the_last_imported_row_again_takes_no_renewal_back() -> None:
    """An import that died is finished by sending the file again, also after a contract came."""
    renewed = apply_contract(at(30), contract(ENDS, NEXT), noon(ENDS - days(30)), BOTH).state
    again = correct(renewed, licence(ENDS), noon(ENDS + days(10)), BOTH)
    assert (again.state, again.events) == (renewed, ())


def test_another_row_after_a_renewal_is_a_correction() -> None:
    renewed = apply_contract(at(30), contract(ENDS, NEXT), noon(ENDS - days(30)), BOTH).state
    corrected = correct(renewed, licence(NEXT + days(31)), noon(ENDS), BOTH)
    assert corrected.state.licence.expires_on == NEXT + days(31)
