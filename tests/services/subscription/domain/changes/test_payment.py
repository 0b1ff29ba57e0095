"""Access by a payment, while the contract is awaited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.changes import payment, registration
from services.subscription.domain.changes.temporary_access import SentForm
from services.subscription.domain.stages.entitlement import current_entitlement
from shared.events.base import SendBy, Stage
from shared.events.renewal import Term
from tests.services.subscription.domain.changes.dates import conceded
from tests.services.subscription.domain.changes.forms import closes, granted, refuse_copy, sign, upload_copy
from tests.services.subscription.domain.changes.payments import (
    DUE,
    START,
    UNTIL,
    breaks,
    commits,
    extends,
    paper,
    pays,
    received,
    registered,
    reverses,
)
from tests.services.subscription.domain.changes.states import ID, after, locked
from tests.services.subscription.examples import BOTH, ENDS, FULL, advanced, days, noon


def test_payment_in_full_opens_and_a_part_doesnt() -> None:
    part = after(registered(locked(40)), pays(DUE - 1))
    assert current_entitlement(part, noon(START), BOTH).access != FULL
    paid = after(part, pays(DUE, START + days(1), 2))
    assert current_entitlement(paid, noon(START + days(1)), BOTH).access == FULL


def test_an_office_that_has_paid_is_not_locked_because_its_contract_is_late() -> None:
    """It counts from the day of the payment, and no further receipt starts it anew."""
    state = after(registered(locked(40)), pays(DUE))
    assert state.temporary_until == START + days(365)
    more = after(advanced(state, START + days(100)), pays(DUE + 5, START + days(100), 2))
    assert more.temporary_until == START + days(365)
    assert current_entitlement(more, noon(START + days(364)), BOTH).stage is Stage.EXPIRING
    given_back = after(more, reverses(START + days(101), 3, left=DUE))
    assert given_back.temporary_until == START + days(365), "only what was too much"
    event = received(DUE, START)
    late = payment.record_payment(
        registered(advanced(locked(40), START + days(50))), event, 1, noon(START + days(50)), BOTH
    )
    assert late is not None
    assert late.state.temporary_until == START + days(365)


def test_no_service_ends_while_all_is_paid_and_the_registration_is_open() -> None:
    state = after(registered(locked(40)), pays(DUE))
    assert state.open_registrations == (ID,)
    assert after(state, reverses(START + days(1))).open_registrations == ()
    assert after(state, closes(START + days(1))).open_registrations == ()


def test_a_reversal_takes_access_back_after_a_week_of_notices() -> None:
    state = after(registered(locked(40)), pays(DUE))
    taken = after(state, reverses(START + days(1)))
    assert taken.temporary_until == START + days(8)
    kept = after(sign(state, START), commits(UNTIL), reverses(START + days(1)))
    assert kept.temporary_until == UNTIL, "its commitment still counts"


def test_a_reversal_takes_nothing_from_a_copy() -> None:
    shown = after(granted(registered(locked(40), way=SendBy.PAPER), START), pays(DUE))
    taken = after(shown, reverses(START + days(1)))
    assert taken.temporary_until == START + days(15)
    extended = conceded(taken, START + days(2), START + days(40))
    assert extended.temporary_until == START + days(40 + 13), "its days still follow the full access"
    refused = refuse_copy(taken, START + days(2))
    assert refused is not None
    assert refused.state.temporary_until == START + days(2)
    known = refuse_copy(shown, START + days(2))
    assert known is not None
    assert after(known.state, reverses(START + days(3))).temporary_until == START + days(10), "but refused"


@pytest.mark.parametrize("first", ["pays", "commits"])
def test_a_copy_gives_its_own_days_beside_a_payment_or_a_commitment(first: str) -> None:
    """Guards against: the reversal takes all, because the copy came second."""
    known = registered(locked(40), way=SendBy.PAPER)
    changes = {"pays": [pays(DUE)], "commits": [paper(START, 1), commits(START + days(5))]}[first]
    given = after(known, *changes)
    shown = granted(given, START)
    assert shown.copy_days is not None
    assert upload_copy(shown, START) is None, "once"
    if first == "pays":
        assert shown.temporary_until == START + days(365)
        assert shown.warned == given.warned, "nothing new was read of its last day"
        shown = after(shown, reverses(START + days(1)))
    assert shown.temporary_until == START + days(15)


@pytest.mark.parametrize(("count", "gives"), [(15, 16), (3, 8)])
def test_a_copy_in_the_week_of_notices_after_a_reversal_gives_its_days(count: int, gives: int) -> None:
    taken = after(registered(locked(40), way=SendBy.PAPER), pays(DUE), reverses(START + days(1)))
    shown = upload_copy(taken, START + days(1), count=count)
    assert shown is not None
    assert shown.state.temporary_until == START + days(gives)


def test_places_and_not_clocks_decide_which_payment_is_the_last() -> None:
    """Guards against: two replicas' clocks differ, or a dead letter is redriven."""
    behind = after(registered(locked(40)), pays(DUE, START + days(1), 1), reverses(START, 2))
    assert behind.registrations[ID].paid_until is None
    ahead = after(registered(locked(40)), reverses(START, 2), pays(DUE, START + days(1), 1))
    assert ahead.registrations[ID].paid_until is None
    extended = after(sign(locked(40), START), commits(UNTIL), extends(UNTIL + days(9), START - days(1)))
    assert extended.temporary_until == UNTIL + days(9)
    assert after(extended, commits(UNTIL, START + days(1))) == extended


@pytest.mark.parametrize("paid", [1, DUE, 2 * DUE])
def test_a_part_and_more_than_is_due_are_ordered_and_another_sum_isnt(paid: int) -> None:
    state = registered(locked(40))
    assert payment.is_ordered(state, received(paid, START))
    assert not payment.is_ordered(state, received(paid, START, DUE + 1))
    term = Term(
        basis_expires_on=ENDS, basis_stage=Stage.LOCKED, term_from=START, term_to=START + days(364), years=1
    )
    facts = state.registrations[ID].model_copy(update={"revision": 2, "term": term})
    assert payment.is_ordered(state.with_(registrations={ID: facts}), received(paid, START)), "restated"


CHANGES = {
    "commits": commits(UNTIL),
    "extends": extends(UNTIL + days(20), START + days(2)),
    "breaks": breaks(START + days(1), 15),
    "pays": pays(DUE, START + days(3)),
    "reverses": reverses(START + days(4)),
    "signs": lambda state: registration.sign_form(state, SentForm(ID, noon(START)), 1, 15, noon(START), BOTH),
}


@given(st.permutations(sorted(CHANGES)), st.lists(st.sampled_from(sorted(CHANGES)), max_size=3))
def test_in_any_order_and_however_often_the_facts_are_the_same(order: list[str], again: list[str]) -> None:
    state = after(registered(locked(40)), *(CHANGES[name] for name in [*order, *again]))
    facts = state.registrations[ID]
    assert (facts.signed, facts.committed_until, facts.paid_until) == (True, UNTIL + days(20), None)
    assert state.temporary_until is not None
    assert state.temporary_until >= UNTIL + days(20)
