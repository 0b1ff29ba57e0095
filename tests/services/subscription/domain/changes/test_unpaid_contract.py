"""A contract in force that gives full use only once all is paid."""

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.contract_check import ContractDoubt, check_contract
from services.subscription.domain.changes.contract_void import void_contract
from services.subscription.domain.changes.correction import correct
from services.subscription.domain.changes.data import approve_deletion, propose_deletion
from services.subscription.domain.changes.payment import pay_contract, record_payment
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.entitlement import current_entitlement, situation_on
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.order import FullGrant
from shared.events.signing import ContractIssued
from shared.events.subscription import (
    AccessRestored,
    DataDeletionCancelled,
    SubscriptionRecorded,
    SubscriptionRenewed,
)
from shared.situation import Turn
from tests.services.subscription.domain.changes.forms import sign
from tests.services.subscription.domain.changes.payments import (
    DUE,
    START,
    breaks,
    commits,
    received,
    registered,
    reverses,
)
from tests.services.subscription.domain.changes.states import ID, after, locked
from tests.services.subscription.examples import BOTH, ENDS, FULL, advanced, contract, days, ended, noon

TERM_TO = ENDS + days(365)
DAY = START + days(30)
"""The last day of access by the commitment."""
APPLICATION = ContractApplication(BOTH, "r117", noon(START))


def issued() -> ContractIssued:
    return contract(ENDS, TERM_TO, full_grant=FullGrant.AT_PAYMENT, pay_by=DAY)


def applied(state: Subscription, on: date) -> Subscription:
    return ContractApplication(BOTH, "r117", noon(on)).apply(state, issued()).state


def waiting(on: date = START) -> Subscription:
    """Its form is signed, its commitment accepted, its contract in force."""
    return applied(after(sign(registered(locked(40)), on), commits(DAY, on)), on)


def paid(state: Subscription, on: date, number: int = 1) -> Subscription:
    event, application = received(DUE, on), ContractApplication(BOTH, "r117", noon(on))
    if ID in state.renewals:
        return state
    decision = pay_contract(state, event, number, application) or record_payment(
        state, event, number, noon(on), BOTH
    )
    return decision.state if decision else state


def is_full(state: Subscription, day: date) -> bool:
    return current_entitlement(state, noon(day), BOTH).access == FULL


def test_it_gives_temporary_use_until_its_day_and_says_so() -> None:
    decision = APPLICATION.apply(after(sign(registered(locked(40)), START), commits(DAY)), issued())
    assert [type(event) for event in decision.events] == [SubscriptionRecorded]
    (event,) = decision.events
    assert isinstance(event, SubscriptionRecorded)
    assert (event.unpaid, event.pay_by, event.contracts) == ((ID,), DAY, ())
    state = decision.state
    assert (state.licence.expires_on, state.temporary_until, state.renewals) == (ENDS, DAY, ())
    told = situation_on(StageContext.of(state, BOTH), START)
    assert (told.turn, told.pay_by, told.temporary_until) == (Turn.PAY, DAY, DAY)
    assert current_entitlement(state, noon(START), BOTH).pay_by == DAY
    assert APPLICATION.apply(state, issued()).state == state


def test_the_payment_gives_full_use_with_the_contracts_dates() -> None:
    application = ContractApplication(BOTH, "r117", noon(START + days(3)))
    decision = pay_contract(waiting(), received(DUE, START + days(3)), 1, application)
    assert decision is not None
    assert SubscriptionRenewed in [type(event) for event in decision.events]
    state = decision.state
    assert (state.licence.expires_on, state.renewals, state.unpaid) == (TERM_TO, (ID,), ())
    assert state.open_registrations == ()


def test_a_payment_that_came_first_counts_at_the_contract() -> None:
    state = applied(paid(registered(locked(40)), START), START)
    assert (state.licence.expires_on, state.unpaid) == (TERM_TO, ())


def test_a_part_of_the_sum_gives_nothing() -> None:
    part = received(DUE, START).model_copy(update={"paid_vnd": DUE - 1})
    assert pay_contract(waiting(), part, 1, APPLICATION) is None


def test_not_paid_in_time_goes_the_way_of_a_broken_commitment_without_an_end() -> None:
    state = after(advanced(waiting(), DAY), breaks(DAY))
    assert is_full(state, DAY), "what runs isn't cut"
    assert (state.pay_by, state.unpaid) == (None, (ID,))
    late = advanced(state, DAY + days(200))
    assert late.stage is Stage.FINAL_NOTICE, "no end under a contract that isn't void"
    restored = pay_contract(
        late, received(DUE, DAY + days(200)), 1, ContractApplication(BOTH, "r117", noon(DAY + days(200)))
    )
    assert restored is not None
    assert AccessRestored in [type(event) for event in restored.events]
    assert restored.state.licence.expires_on == TERM_TO, "its dates stand however late the payment comes"


def test_a_deletion_that_was_requested_is_cancelled() -> None:
    """Guards against: data is deleted under a contract in force, because nobody has paid yet."""
    state = propose_deletion(ended(), "a", "hết hạn", noon(ENDS + days(61))).state
    day = ENDS + days(100)
    state = approve_deletion(state, "b", noon(day), BOTH).state
    decision = ContractApplication(BOTH, "r117", noon(day)).apply(registered(state), issued())
    assert DataDeletionCancelled in [type(event) for event in decision.events]
    assert decision.state.deletion is not None
    assert decision.state.deletion.cancelled
    assert decision.state.stage is Stage.TERMINATED


def test_void_while_it_waits_gives_nothing_any_more() -> None:
    decision = void_contract(waiting(), ID, noon(START), noon(START), BOTH)
    assert decision is not None
    state = decision.state
    assert (state.unpaid, state.open_registrations, state.last_day) == ((), (), START + days(15))
    assert paid(state, START).licence.expires_on == ENDS


def test_a_contract_that_says_another_grant_than_its_registration_is_withheld() -> None:
    """Guards against: a contract of signing that gives full use at once, although the office pays first."""
    state = registered(locked(40))
    ordered = state.registrations[ID].ordered
    assert ordered is not None
    at_payment = ordered.model_copy(
        update={"full_grant": FullGrant.AT_PAYMENT, "package": "advanced", "users": 30}
    )
    facts = state.registrations[ID].model_copy(update={"ordered": at_payment})
    state = state.with_(registrations={ID: facts})
    assert check_contract(state, contract(ENDS, TERM_TO), noon(START)) is ContractDoubt.ORDER_DIFFERS
    assert check_contract(state, issued(), noon(START)) is None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["waits", "signs", "commits", "contract", "pays", "reverses", "breaks", "voids", "corrects"]
        ),
        st.integers(0, 40),
    ),
    max_size=12,
)


def step(name: str, state: Subscription, count: int, day: date, number: int) -> Subscription:
    match name:
        case "waits":
            return advanced(state, day)
        case "signs":
            return sign(state, day)
        case "commits":
            return after(state, commits(day + days(count), day, number))
        case "contract":
            return applied(state, day)
        case "pays":
            return paid(state, day, number)
        case "reverses":
            return state if ID in state.renewals else after(state, reverses(day, number))
        case "breaks":
            return after(state, breaks(day, number))
        case "voids":
            voided = void_contract(state, ID, noon(day), noon(day), BOTH)
            return voided.state if voided else state
        case _:
            stated = state.licence.model_copy(update={"expires_on": ENDS + days(10 * count - 200)})
            return correct(state, stated, noon(day), BOTH).state


@given(STEPS)
@example([("contract", 0), ("waits", 40), ("waits", 40), ("pays", 0), ("voids", 0)])
@example([("pays", 0), ("reverses", 0), ("contract", 0)])
@example([("commits", 9), ("signs", 0), ("contract", 0), ("breaks", 0), ("signs", 0), ("pays", 0)])
@example([("contract", 0), ("corrects", 30), ("pays", 0)])
def test_any_order_ends_in_a_legal_state(steps: list[tuple[str, int]]) -> None:
    """Payment, contract, void, default and grant."""
    state, day, all_paid, in_force, void = registered(locked(40)), START, False, False, False
    for number, (name, count) in enumerate(steps, 1):
        before = state
        day += days(count if name == "waits" else 0)
        state = step(name, before, count, day, number)
        void |= name == "voids"
        in_force |= name == "contract" and not void
        granted = ID in before.renewals
        all_paid = granted or name == "pays" or (all_paid and name != "reverses")
        given = ID in state.renewals
        assert given == (granted or (in_force and all_paid and not void)), "granted by contract and payment"
        assert (ID in state.unpaid) == (in_force and not given and not void)
        if state.unpaid:
            assert ID in state.open_registrations
            assert state.stage is not Stage.TERMINATED or before.stage is Stage.TERMINATED
        if name not in ("waits", "corrects") and is_full(before, day):
            assert is_full(state, day), f"{name} takes no access overnight"
        if void:
            assert state.contract is None
            assert not state.open_registrations
        broken = [known.broken_at for known in before.registrations.values() if known.broken_at]
        was_broken = any(at < noon(day) for at in broken)
        if was_broken and name == "signs" and before.unpaid:
            assert state.last_day == before.last_day, "after a default, no form gives access"
