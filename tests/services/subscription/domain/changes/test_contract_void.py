"""A contract in force that the vendor voids: the term before it, after a week of notices."""

from datetime import date
from uuid import UUID

import pytest

from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.contract_void import void_contract
from services.subscription.domain.changes.correction import correct
from services.subscription.domain.changes.registration import close
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.renewal import Party
from shared.events.subscription import SubscriptionExpiring, SubscriptionRecorded
from tests.services.subscription.domain.changes.forms import sign
from tests.services.subscription.domain.changes.payments import START, breaks, commits, pays, registered
from tests.services.subscription.domain.changes.states import ID, OTHER, after, locked, renewed
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    adopted,
    advanced,
    contract,
    days,
    licence,
    noon,
    warned,
)

WEEK = days(7)


def voided(state: Subscription, on: date, id: UUID = ID) -> Decided:
    decision = void_contract(state, id, noon(on), noon(on), BOTH)
    assert decision is not None
    return decision


@pytest.mark.parametrize("overdue", [1, 40, 90])
def test_an_office_that_the_contract_let_in_keeps_a_week(overdue: int) -> None:
    today = ENDS + days(overdue)
    decision = voided(renewed(locked(overdue), today), today)
    state = decision.state
    assert state.licence == licence()
    assert (state.contract, state.temporary_until, state.stage) == (None, today + WEEK, Stage.EXPIRING)
    assert [type(event) for event in decision.events] == [SubscriptionRecorded, SubscriptionExpiring]
    assert current_entitlement(state, noon(today + WEEK), BOTH).access == FULL
    late = advanced(warned(state, noon(today)), today + WEEK + days(1))
    assert late.stage is Stage.LOCKED, "the stages are counted from the week, not from the old last day"


def test_no_lock_without_the_notice() -> None:
    state = voided(renewed(locked(40), START), START).state
    day = START + days(10)
    assert current_entitlement(advance(state, noon(day), BOTH).state, noon(day), BOTH).access == FULL


def test_an_old_term_that_runs_still_is_counted_as_before() -> None:
    today = ENDS - days(40)
    state = voided(renewed(adopted(today), today), today).state
    assert (state.last_day, state.temporary_until, state.stage) == (ENDS, None, Stage.EXPIRING)


def test_a_date_and_an_order_that_were_stated_since_stay() -> None:
    state, day = renewed(locked(10), START), START + days(3)
    stated = state.licence.model_copy(update={"expires_on": ENDS + days(500), "users": 77, "name": "Mới"})
    after_void = voided(correct(state, stated, noon(day), BOTH).state, day).state
    assert (after_void.licence.expires_on, after_void.licence.users) == (ENDS + days(500), 77)
    assert (after_void.licence.package, after_void.licence.name) == ("standard", "Mới")


def test_of_a_contract_in_dispute_the_date_that_was_stated_counts() -> None:
    state, day = renewed(locked(10), START), START + days(3)
    stated = state.licence.model_copy(update={"expires_on": ENDS + days(100)})
    disputed = correct(state, stated, noon(day), BOTH).state
    assert disputed.disputed
    decided = voided(disputed, day).state
    assert (decided.disputed, decided.licence.expires_on) == ((), ENDS + days(100))


def test_a_contract_that_had_ended_moves_nothing_closer() -> None:
    """Access was taken before: the stage is counted from the same day as before."""
    ended = ENDS + days(365)
    state = advanced(renewed(locked(1), ENDS + days(1)), ended + days(20))
    state = advanced(warned(state, noon(ended)), ended + days(30))
    assert state.stage is not Stage.EXPIRING
    void = voided(state, ended + days(30)).state
    assert (void.stage, void.last_day) == (state.stage, ended)


def test_a_contract_that_is_void_before_it_is_read_gives_nothing() -> None:
    paid = after(registered(locked(40)), pays(1_000_000))
    state = voided(paid, START).state
    assert (state.open_registrations, state.last_day) == ((), START + WEEK)
    late = ContractApplication(BOTH, "r117", noon(START)).apply(state, contract(ENDS, ENDS + days(365)))
    assert late.state == state


def test_a_contract_that_gave_no_term_ends_with_a_week_too() -> None:
    """Guards against: the mail promises a week, and three days are left."""
    signed = sign(registered(locked(40)), START)
    day = signed.last_day - days(3)
    decision = voided(advanced(signed, day), day)
    assert (decision.state.stage, decision.state.last_day) == (Stage.EXPIRING, day + WEEK)
    assert SubscriptionExpiring in [type(event) for event in decision.events]
    assert current_entitlement(decision.state, noon(day + WEEK), BOTH).access == FULL


def test_who_has_no_access_gets_none_by_a_void_contract() -> None:
    unsigned = registered(locked(40))
    state = voided(unsigned, START).state
    assert (state.stage, state.last_day) == (unsigned.stage, ENDS)


def test_a_closed_registration_whose_contract_comes_late_gives_nothing() -> None:
    closed = after(registered(locked(40)), lambda state: close(state, ID, noon(START), BOTH))
    state = voided(closed, START).state
    assert state.void_contracts == (ID,)
    late = ContractApplication(BOTH, "r117", noon(START)).apply(state, contract(ENDS, ENDS + days(365)))
    assert late.state == state


def test_it_is_void_once_and_a_later_contract_stands() -> None:
    state = renewed(locked(10), START)
    once = voided(state, START).state
    assert void_contract(once, ID, noon(START), noon(START), BOTH) is None
    to = ENDS + days(365)
    next_term = contract(to, to + days(365), 2)
    followed = ContractApplication(BOTH, "r117", noon(START)).apply(state, next_term)
    kept = voided(followed.state, START).state
    assert (kept.licence.expires_on, kept.void_contracts) == (to + days(365), (ID,))


def followed(state: Subscription, on: date) -> Subscription:
    """A second contract, of the year after the first one's."""
    to = ENDS + days(365)
    return ContractApplication(BOTH, "r117", noon(on)).apply(state, contract(to, to + days(365), 2)).state


@pytest.mark.parametrize("order", [(OTHER, ID), (ID, OTHER)])
def test_of_two_contracts_both_are_taken_back_in_any_order(order: tuple[UUID, UUID]) -> None:
    """Guards against: the office keeps a year by a void contract."""
    state = followed(renewed(locked(10), START), START)
    one = voided(state, START, order[0]).state
    if order[0] == OTHER:
        assert one.contract is not None
        assert (one.contract.renewal_id, one.licence.expires_on) == (ID, ENDS + days(365))
        lower = one.licence.model_copy(update={"expires_on": ENDS + days(100)})
        assert correct(one, lower, noon(START), BOTH).state.disputed, "the first contract is protected again"
    both = voided(one, START, order[1]).state
    assert (both.contract, both.licence, both.last_day) == (None, licence(), START + WEEK)
    assert both.registrations[ID].contract_void


def test_the_memory_of_contracts_stays_short() -> None:
    state, ends = locked(1), ENDS
    for number in range(1, 8):
        issued = contract(ends, ends + days(365), number)
        state = ContractApplication(BOTH, "r117", noon(ends + days(1))).apply(state, issued).state
        ends += days(365)
    remembered = []
    kept = state.contract
    while kept:
        remembered.append(kept.contract_number)
        kept = kept.earlier.contract if kept.earlier else None
    assert len(remembered) == 2


def test_the_office_that_the_contract_wrote_into_the_licence_goes_with_it() -> None:
    """Guards against: the contract is void because the wrong office signed, and its name stays."""
    office = Party(
        name="Trường khác",
        tax_code="0101243150-001",
        budget_code=None,
        address="Phường khác",
        representative="Lê Văn Khác",
        title="Hiệu trưởng",
        contact_name="Lê Thị Khác",
        contact_phone="0912345678",
        contact_email="khac@example.vn",
    )
    known = registered(locked(10))
    facts = known.registrations[ID].model_copy(update={"office": office})
    state = renewed(known.with_(registrations={ID: facts}), START)
    assert state.licence.name == "Trường khác"
    since = state.licence.model_copy(update={"contact_phone": "0987654321"})
    state = correct(state, since, noon(START), BOTH).state
    assert voided(state, START).state.licence == licence(contact_phone="0987654321")


def test_a_default_of_the_term_before_counts_again() -> None:
    """Guards against: voiding the contract forgave the broken commitment of its own registration."""
    broken = after(sign(registered(locked(40)), START), commits(START + days(5)), breaks(START + days(10)))
    state = voided(renewed(broken, START + days(20)), START + days(21)).state
    again = sign(registered(state, OTHER), START + days(22), OTHER)
    assert again.last_day == state.last_day, "only a payment or the desk gives more in this term"


def test_days_of_the_term_before_stay_used() -> None:
    signed = advanced(sign(registered(locked(40)), START), START + days(16))
    state = voided(renewed(signed, START + days(16)), START + days(17)).state
    again = sign(registered(state, OTHER), START + days(18), OTHER)
    assert again.last_day == state.last_day
