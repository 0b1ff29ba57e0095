"""Payments, reversals, corrected dates, a contract and a closed registration, in any order: the office never
loses access overnight, and its service never ends while it has paid or its contract counts."""

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.contract_void import void_contract
from services.subscription.domain.changes.correction import correct, restate
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from tests.services.subscription.domain.changes.forms import closes, sign
from tests.services.subscription.domain.changes.payments import DUE, START, pays, registered, reverses
from tests.services.subscription.domain.changes.states import ID, after, locked
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    advanced,
    contract,
    days,
    licence,
    noon,
)

TERM_TO = ENDS + days(365)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["waits", "signs", "pays", "reverses", "corrects", "lists", "contract", "voids", "closes"]
        ),
        st.integers(0, 40),
    ),
    max_size=10,
)


def is_full(state: Subscription, day: date) -> bool:
    return current_entitlement(state, noon(day), BOTH).access == FULL


def step(name: str, state: Subscription, count: int, day: date, number: int) -> Subscription:
    """The service handles one fact on `day`."""
    moved = ENDS + days(10 * count - 200)
    match name:
        case "signs":
            return sign(state, day)
        case "pays" | "reverses":
            return after(state, pays(DUE, day, number) if name == "pays" else reverses(day, number))
        case "corrects":
            stated = state.licence.model_copy(update={"expires_on": moved})
            return correct(state, stated, noon(day), BOTH).state
        case "lists":
            return restate(state, licence(moved), noon(day), BOTH).state
        case "contract":
            application = ContractApplication(BOTH, "r117", noon(day))
            return application.apply(state, contract(ENDS, TERM_TO)).state
        case "voids":
            voided = void_contract(state, ID, noon(day), noon(day), BOTH)
            return voided.state if voided else state
        case _:
            return after(state, closes(day))


@given(STEPS)
@example([("pays", 0), ("reverses", 0)])
@example([("pays", 0), ("contract", 0), ("lists", 10), ("waits", 5)])
@example([("pays", 0), ("corrects", 25), ("contract", 0)])
@example([("contract", 0), ("voids", 3), ("waits", 7)])
@example([("voids", 0), ("contract", 0)])
@example([("contract", 0), ("lists", 10), ("voids", 0)])
def test_no_order_of_facts_takes_access_overnight(steps: list[tuple[str, int]]) -> None:
    state, day = registered(locked(40)), START
    for number, (name, count) in enumerate(steps, 1):
        before = state
        if name == "waits":
            day += days(count)
            before = state = advanced(state, day)
            continue
        state = step(name, before, count, day, number)
        check(name, before, state, day)


def check(name: str, before: Subscription, state: Subscription, day: date) -> None:
    if name != "corrects" and is_full(before, day):  # a named person's date counts at once
        assert is_full(state, day), name
    if name == "reverses" and is_full(before, day):
        kept = min(before.last_day, day + days(7))
        assert state.last_day >= kept, "a week of notices"
    known = state.registrations.get(ID)
    if known and known.is_known and known.paid_until and not known.closed:
        assert ID in state.open_registrations, "service doesn't end meanwhile"
    if name == "voids" and is_full(before, day):
        assert state.last_day >= min(before.last_day, day + days(7)), "a week of notices"
    if ID in state.void_contracts:
        assert state.contract is None
        assert not state.disputed
        assert ID not in state.open_registrations
    if name == "contract" and ID not in (*before.renewals, *before.void_contracts):
        in_term = state.licence.expires_on == TERM_TO
        disputed = [terms.renewal_id for terms in state.disputed]
        assert in_term is (before.licence.expires_on == ENDS)
        assert in_term or (ID in disputed and is_full(state, day))
    assert state.renewals.count(ID) <= 1


def test_a_reversal_takes_nothing_from_a_contract_in_force() -> None:
    paid = step("pays", registered(locked(40)), 0, START, 1)
    state = step("contract", paid, 0, START, 2)
    assert state.licence.expires_on == TERM_TO
    assert step("reverses", state, 0, START + days(1), 3) == state


@given(st.lists(st.sampled_from(["pays", "reverses"]), max_size=5), st.integers(61, 200))
def test_service_ends_only_without_payment(steps: list[str], later: int) -> None:
    state = registered(locked(40))
    for number, name in enumerate(steps, 1):
        state = step(name, state, 0, START, number)
    late = advanced(state, START + days(later))
    if steps and steps[-1] == "pays":
        assert late.stage is not Stage.TERMINATED
        assert is_full(late, START + days(later))
    else:
        assert not is_full(late, START + days(later))
