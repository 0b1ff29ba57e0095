"""A later list or correction states another package or number of users than the contract in force grants."""

from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.changes.correction import correct, restate
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from shared.events.subscription import Licence, OrderContradicted, SubscriptionRecorded
from tests.services.subscription.domain.changes.states import renewed
from tests.services.subscription.examples import BOTH, ENDS, adopted, days, licence, noon

ON = ENDS + days(3)


def with_contract() -> Subscription:
    """The contract grants the package `advanced` and 30 users."""
    return renewed(adopted(ENDS - days(10)), ENDS)


def listed(state: Subscription, stated: Licence) -> Decided:
    return restate(state, stated, noon(ON), BOTH)


def told(decision: Decided) -> list[OrderContradicted]:
    return [event for event in decision.events if isinstance(event, OrderContradicted)]


def test_a_list_leaves_the_contracts_order_and_tells_both() -> None:
    state = with_contract()
    decision = listed(state, licence(package="basic", users=3))
    assert (decision.state.licence.package, decision.state.licence.users) == ("advanced", 30)
    (event,) = told(decision)
    assert (event.package, event.users) == ("advanced", 30)
    assert (event.stated_package, event.stated_users) == ("basic", 3)
    assert not event.applied
    assert state.contract is not None
    assert event.renewal_id == state.contract.renewal_id
    again = listed(decision.state, licence(package="basic", users=3))
    assert (again.state, again.events) == (decision.state, ()), "the same list says nothing new"


def test_what_the_list_says_besides_still_counts() -> None:
    decision = listed(with_contract(), licence(users=3, contact_name="Người Mới"))
    assert decision.state.licence.contact_name == "Người Mới"
    assert decision.state.licence.users == 30
    (recorded,) = [event for event in decision.events if isinstance(event, SubscriptionRecorded)]
    assert recorded.licence.users == 30


def test_an_old_list_that_knows_no_contract_says_nothing() -> None:
    assert told(listed(with_contract(), licence(contact_name="Người Mới"))) == []


def test_a_list_that_agrees_with_the_contract_says_nothing() -> None:
    assert told(listed(with_contract(), licence(package="advanced", users=30))) == []


def test_a_named_person_counts_and_the_desk_is_told() -> None:
    state = with_contract()
    stated = state.licence.model_copy(update={"users": 50})
    decision = correct(state, stated, noon(ON), BOTH)
    assert decision.state.licence.users == 50
    (event,) = told(decision)
    assert (event.users, event.stated_users, event.applied) == (30, 50, True)
    back = correct(decision.state, state.licence, noon(ON), BOTH)
    assert told(back) == [], "the licence is as the contract grants"


def test_without_a_contract_a_list_counts() -> None:
    decision = listed(adopted(ENDS - days(10)), licence(package="basic", users=3))
    assert (decision.state.licence.package, decision.state.licence.users) == ("basic", 3)
    assert told(decision) == []


orders = st.tuples(st.sampled_from(["basic", "standard", "advanced"]), st.integers(1, 40))


@given(st.lists(st.tuples(st.booleans(), orders), max_size=6))
def test_no_list_changes_what_the_contract_grants(steps: list[tuple[bool, tuple[str, int]]]) -> None:
    """Whatever lists and corrections come: only a correction moves the licence away from the contract's
    order, and each that does is told."""
    state = with_contract()
    granted = (state.licence.package, state.licence.users)
    for named, (package, users) in steps:
        before = (state.licence.package, state.licence.users)
        stated = state.licence.model_copy(update={"package": package, "users": users})
        decision = correct(state, stated, noon(ON), BOTH) if named else listed(state, stated)
        state = decision.state
        now = (state.licence.package, state.licence.users)
        assert now in ((package, users) if named else before, before, granted)
        if now != before and now != granted:
            assert named
            assert [event.applied for event in told(decision)] == [True]
        assert state.contract is not None
        assert (state.contract.package, state.contract.users) == granted
