"""Access by a commitment to pay, or by a payment, while the contract is awaited."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.changes import payment, registration
from services.subscription.domain.changes.temporary_access import SentForm
from services.subscription.domain.registration_facts import OrderedLicence
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy, Stage
from shared.events.commitment import CommitmentAccepted, CommitmentExtended
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.events.subscription import SubscriptionExpiring
from shared.ids import derived
from tests.services.subscription.domain.changes.forms import closes, granted, refuse_copy, sign
from tests.services.subscription.domain.changes.states import ID, Change, after, locked
from tests.services.subscription.examples import BOTH, ENDS, advanced, days, noon, on_paper

DUE = 1_000_000
START = ENDS + days(40)
UNTIL = START + days(70)


def fields(at: datetime) -> dict[str, Any]:
    about = {"office_ref": "ngoc-ha", "product_code": "qlts", "effective_on": at.date()}
    return about | {
        "subscription_id": ID,
        "occurred_at": at,
        "recorded_at": at,
        "renewal_id": ID,
        "registration_no": "GH-1",
    }


def commits(until: date, on: date = START) -> Change:
    event = CommitmentAccepted(
        **fields(noon(on)), pay_by=until, access_until=until, decided_by="desk", reason=""
    )
    return lambda state: payment.record_commitment(state, event, noon(on), BOTH)


def extends(until: date, on: date) -> Change:
    event = CommitmentExtended(
        **fields(noon(on)), old_pay_by=on, pay_by=until, access_until=until, reason="kho bạc chậm"
    )
    return lambda state: payment.record_commitment(state, event, noon(on), BOTH)


def pays(amount: int, on: date = START) -> Change:
    made = {"receipt_id": derived("r", amount), "amount_vnd": amount, "paid_vnd": amount, "total_vnd": DUE}
    event = PaymentRecorded(**fields(noon(on)), **made, received_on=on)
    return lambda state: payment.record_payment(state, event, noon(on), BOTH)


def reverses(on: date) -> Change:
    made = {"receipt_id": ID, "amount_vnd": DUE, "paid_vnd": 0, "total_vnd": DUE}
    event = PaymentReversed(**fields(noon(on)), **made, reason="nhầm", refunded=False)
    return lambda state: payment.record_payment(state, event, noon(on), BOTH)


def registered(state: Subscription) -> Subscription:
    way = registration.change_sending(state, ID, SendBy.ELECTRONIC, noon(START), noon(START), BOTH)
    assert way is not None
    known = way.state.registrations[ID].model_copy(
        update={"ordered": OrderedLicence(package="standard", users=1, total_vnd=DUE)}
    )
    return way.state.with_(registrations={ID: known})


def test_accepted_commitment_opens_the_product_until_the_money_must_be_here() -> None:
    state = after(sign(locked(40), START), commits(UNTIL))
    assert (state.temporary_until, state.temporary_for) == (UNTIL, ID)
    on = [current_entitlement(advanced(state, UNTIL), noon(UNTIL + days(n)), BOTH).stage for n in (0, 1)]
    assert on == [Stage.EXPIRING, Stage.LOCKED]


def test_the_office_is_warned_down_to_the_last_day_of_its_commitment() -> None:
    """It is never locked overnight: the notices of every term come before it."""
    state = after(sign(locked(40), START), commits(UNTIL))
    warned: list[int] = []
    while state.told_on < UNTIL:
        decision = advance(state, noon(state.told_on + days(1)), BOTH)
        warned += [event.days_left for event in decision.events if isinstance(event, SubscriptionExpiring)]
        state = decision.state
    assert warned == [60, 30, 15, 7, 3, 1, 0]


def test_a_commitment_without_its_form_opens_nothing_until_the_form_comes() -> None:
    state = after(registered(locked(40)), commits(UNTIL))
    assert state.temporary_until is None
    assert sign(state, START + days(1)).temporary_until == UNTIL


def test_a_copy_of_the_stamped_form_is_a_form_and_one_that_is_refused_is_none() -> None:
    known = after(locked(40), lambda state: on_paper(state, ID, noon(START), BOTH))
    state = after(granted(known, START), commits(UNTIL))
    assert state.temporary_until == UNTIL
    refused = refuse_copy(state, START + days(2))
    assert refused is not None
    assert refused.state.temporary_until == START + days(2)


def test_a_topic_alone_gives_no_year() -> None:
    forged = after(sign(locked(40), START), commits(START + timedelta(days=3000)))
    assert forged.temporary_until == START + days(120)


def test_extension_lengthens_and_an_older_word_changes_nothing() -> None:
    state = after(sign(locked(40), START), commits(UNTIL), extends(UNTIL + days(20), START + days(60)))
    assert state.temporary_until == UNTIL + days(20)
    assert after(state, commits(UNTIL)).temporary_until == UNTIL + days(20)


def test_after_a_default_payment_in_full_opens_again() -> None:
    state = after(registered(locked(40)), commits(UNTIL))
    late = UNTIL + days(9)
    locked_again = advanced(sign(state, START), late)
    assert current_entitlement(locked_again, noon(late), BOTH).stage is Stage.LOCKED
    part = after(locked_again, pays(DUE - 1, late))
    assert current_entitlement(part, noon(late), BOTH).stage is Stage.LOCKED
    paid = after(part, pays(DUE, late + days(1)))
    assert current_entitlement(paid, noon(late + days(1)), BOTH).stage is Stage.EXPIRING


def test_a_reversal_takes_access_back_after_a_week_of_notices() -> None:
    state = after(registered(locked(40)), pays(DUE))
    assert state.temporary_until == START + days(90)
    taken = after(state, reverses(START + days(1)))
    assert taken.temporary_until == START + days(8)
    kept = after(sign(state, START), commits(UNTIL), reverses(START + days(1)))
    assert kept.temporary_until == UNTIL, "its commitment still counts"


def test_a_closed_registration_has_no_access_by_its_commitment() -> None:
    state = after(sign(locked(40), START), commits(UNTIL), closes(START + days(1)))
    assert state.temporary_until == START + days(1)
    assert after(state, extends(UNTIL + days(20), START + days(2))).temporary_until == START + days(1)


CHANGES = {
    "commits": commits(UNTIL),
    "extends": extends(UNTIL + days(20), START + days(2)),
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
