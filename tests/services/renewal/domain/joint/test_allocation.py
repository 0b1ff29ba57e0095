"""A joint registration is paid as a whole; a part of it gives nothing until it is allocated."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.joint.allocation import allocate
from services.renewal.domain.joint.shares import ProductShare, shares_of
from services.renewal.domain.payment.balance import settled
from services.renewal.domain.payment.receivable import Receivable, record_receipt, reverse_receipt
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import sending
from services.renewal.domain.registration.declaration import Payment
from services.renewal.domain.renewal import Renewal
from shared.events.base import Event
from shared.events.payment import PaymentRecorded
from tests.services.renewal.domain.joint.examples import joint_registration, lead
from tests.services.renewal.examples import NOW, TODAY, registration

JOINT = joint_registration()
COSTS = {each.renewal_id: each.order.total for each in JOINT.on_form}
FIRST, SECOND, _ = COSTS


def received(renewal: Renewal, *amounts: int) -> Receivable:
    state = Receivable.of(renewal.registration)
    for n, amount in enumerate(amounts):
        state = record_receipt(state, renewal, amount, TODAY, f"FT{n}", "clerk-1", NOW).state
    return state


def shares(events: tuple[Event, ...]) -> dict[UUID, tuple[int, int]]:
    return {
        each.renewal_id: (each.paid_vnd, each.total_vnd)
        for each in events
        if isinstance(each, PaymentRecorded)
    }


def test_payment_of_all_pays_each() -> None:
    renewal = lead()
    decision = record_receipt(Receivable.of(JOINT), renewal, JOINT.total, TODAY, "FT1", "clerk-1", NOW)
    assert shares(decision.events) == {id: (cost, cost) for id, cost in COSTS.items()}
    assert all(
        (each.form_paid_vnd, each.form_total_vnd) == (JOINT.total, JOINT.total)
        for each in decision.events
        if isinstance(each, PaymentRecorded)
    )


def test_part_payment_counts_for_nothing_until_it_is_allocated() -> None:
    renewal = lead()
    part = record_receipt(Receivable.of(JOINT), renewal, COSTS[SECOND], TODAY, "FT1", "clerk-1", NOW)
    assert {paid for paid, _ in shares(part.events).values()} == {0}
    decision = allocate(part.state, renewal, {SECOND: COSTS[SECOND]}, NOW)
    assert decision
    assert shares(decision.events) == {SECOND: (COSTS[SECOND], COSTS[SECOND])}
    assert allocate(decision.state, renewal, {SECOND: COSTS[SECOND]}, NOW) is None
    assert (part.state.unallocated_since, decision.state.unallocated_since) == (NOW, None)


def test_money_of_a_cancelled_registration_is_to_be_given_back_not_allocated() -> None:
    """Guards against: a clerk allocates money that isn't due, and a product gets access by it."""
    part = received(lead(), COSTS[SECOND])
    cancelled = sending.cancel(lead(), "office", "changed our mind", NOW).state
    assert settled(part, cancelled, NOW).unallocated_since is None
    late = record_receipt(part, cancelled, 1000, TODAY, "FT9", "clerk-1", NOW).state
    assert late.unallocated_since is None
    with pytest.raises(RenewalError, match="nothing-to-allocate"):
        allocate(late, cancelled, {SECOND: COSTS[SECOND]}, NOW)


def test_allocation_of_more_than_is_left_ends() -> None:
    """Guards against: a product counts as paid by money that came later, which no clerk allocated."""
    renewal = lead()
    state = received(renewal, COSTS[FIRST], 1000)
    allocated = allocate(state, renewal, {FIRST: COSTS[FIRST]}, NOW)
    assert allocated
    back = reverse_receipt(allocated.state, renewal, state.receipts[0].id, "bounced", "clerk-1", NOW)
    assert set(shares_of(JOINT, back.state.paid, back.state.allocated).values()) == {0}
    assert back.state.unallocated_since == NOW
    again = record_receipt(back.state, renewal, COSTS[FIRST], TODAY, "FT8", "clerk-1", NOW)
    assert {paid for paid, _ in shares(again.events).values()} == {0}, "nobody allocated the new money"
    assert again.state.unallocated_since == NOW
    whole = record_receipt(back.state, renewal, JOINT.total, TODAY, "FT9", "clerk-1", NOW).state
    assert whole.unallocated_since is None


@pytest.mark.parametrize(
    "amounts",
    [{FIRST: -1}, {FIRST: COSTS[FIRST] + 1}, {FIRST: COSTS[FIRST], SECOND: 1001}, {UUID(int=1): 1}],
)
def test_untrue_allocation_is_refused(amounts: dict[UUID, int]) -> None:
    renewal = lead()
    with pytest.raises(RenewalError, match="allocation-untrue"):
        allocate(received(renewal, COSTS[FIRST] + 1000), renewal, amounts, NOW)


def test_nothing_is_allocated_of_a_single_registration_or_once_all_is_paid() -> None:
    renewal = lead()
    with pytest.raises(RenewalError, match="paid-already"):
        allocate(received(renewal, JOINT.total), renewal, {}, NOW)
    with pytest.raises(RenewalError, match="nothing-to-allocate"):
        allocate(Receivable.of(JOINT), renewal, {}, NOW)


def test_money_is_not_recorded_for_a_joined_product_alone() -> None:
    """Guards against: its event would be about another sum than subscription knows, and be a dead letter."""
    member = lead().with_changes(registration=JOINT.joined[0])
    with pytest.raises(RenewalError, match="joint-paid-with-lead"):
        received(member, 1000)


def test_joined_product_claims_nothing_of_its_own() -> None:
    """Guards against: the desk looks for 0 đồng."""
    paid = Payment(kind="paid", on=TODAY)
    claims = [Receivable.of(each.model_copy(update={"payment": paid})).open_claim for each in JOINT.on_form]
    assert claims == [True, False, False]


def test_single_registration_counts_all_that_came() -> None:
    made = registration()
    assert shares_of(made, 7, ()) == {made.renewal_id: 7}


@given(
    paid=st.integers(0, JOINT.total * 2),
    amounts=st.lists(st.integers(0, max(COSTS.values())), min_size=3, max_size=3),
)
def test_shares_never_exceed_what_came(paid: int, amounts: list[int]) -> None:
    allocated = tuple(
        ProductShare(renewal_id=id, amount=amount) for id, amount in zip(COSTS, amounts, strict=True)
    )
    found = shares_of(JOINT, paid, allocated)
    assert found.keys() == COSTS.keys()
    assert 0 <= sum(found.values()) <= paid
    if paid >= JOINT.total:
        assert sum(found.values()) == paid
        assert all(found[id] >= cost for id, cost in COSTS.items())
