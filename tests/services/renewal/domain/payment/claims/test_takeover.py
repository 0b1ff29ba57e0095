"""A registration that replaces a paid one: the office isn't asked again, and no money is moved by itself."""

from datetime import timedelta

import pytest

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus
from services.renewal.domain.payment.claims.takeover import (
    asked_after,
    follow_earlier,
    is_paid_before,
    leave_payment,
    take_over_payment,
)
from services.renewal.domain.payment.commitment_steps import follow_commitment
from services.renewal.domain.payment.receivable import (
    Receivable,
    chase_claim,
    claim_payment,
    record_receipt,
    refuse_claim,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.declaration import Payment
from services.renewal.domain.renewal import Renewal
from services.renewal.office.payment_state import status_text
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.commitment import PaymentAwaited
from shared.events.payment import PaymentClaimed
from shared.ids import fresh
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

OLD = registration()
NEW = OLD.model_copy(update={"renewal_id": fresh(), "number": "GH-5JMX-Q3QZ"})
WHOLE = NEW.order.total


def made(new: bool = True) -> Renewal:
    return form.register(NEW if new else OLD, document("form 1"), EXAMPLE_VENDOR, NOW).state


def replaced() -> Renewal:
    return sending.cancel(made(new=False), "office", "khai lại", NOW).state


def claimed() -> Receivable:
    decision = claim_payment(Receivable.of(OLD), made(new=False), TODAY, "", "office", NOW)
    assert decision
    return decision.state


def received(amount: int = 1000) -> Receivable:
    return record_receipt(Receivable.of(OLD), made(new=False), amount, TODAY, "FT1", "clerk-1", NOW).state


def taken(old: Receivable, first: Receivable | None = None, renewal: Renewal | None = None) -> Receivable:
    decision = take_over_payment(first or Receivable.of(NEW), renewal or made(), old, replaced(), NOW)
    assert decision
    return decision.state


def test_claim_goes_over_with_the_old_code_as_its_memo() -> None:
    decision = take_over_payment(Receivable.of(NEW), made(), claimed(), replaced(), NOW)
    assert decision
    claim = decision.state.claim
    assert claim
    assert (claim.paid_on, claim.memo, decision.state.here) == (TODAY, "GHVSWE60Y3", 0)
    assert [type(event) for event in decision.events] == [PaymentClaimed]
    assert decision.events[0].model_dump()["registration_no"] == NEW.number
    again = take_over_payment(decision.state, made(), claimed(), replaced(), NOW)
    assert again is None
    left = leave_payment(claimed())
    assert left
    assert (left.state.claim, left.state.claimed_since) == (claimed().claim, None)
    assert leave_payment(left.state) is None


def test_nothing_goes_over_where_nothing_was_said_on_the_page_or_came() -> None:
    declared = OLD.model_copy(update={"payment": Payment(kind="paid", on=TODAY), "pay_by": None})
    undone = refuse_claim(claimed(), made(new=False), "không thấy", NOW).state
    for old in (Receivable.of(OLD), Receivable.of(declared), undone):
        assert not is_paid_before(old)
        assert take_over_payment(Receivable.of(NEW), made(), old, replaced(), NOW) is None
    closed = sending.cancel(made(), "office", "thôi", NOW).state
    assert take_over_payment(Receivable.of(NEW), closed, claimed(), replaced(), NOW) is None


def test_money_that_is_here_is_neither_chased_nor_reminded_nor_a_broken_commitment() -> None:
    state, renewal = taken(received(WHOLE)), made().with_status(RegistrationStatus.AWAITING_CONFIRMATION, NOW)
    assert state.claim is None, "the office said nothing"
    assert (state.here, state.asked, state.paid, state.claimed_since) == (WHOLE, 0, 0, NOW)
    silent = take_over_payment(Receivable.of(NEW), made(), received(WHOLE), replaced(), NOW)
    assert silent
    assert silent.events == ()
    with pytest.raises(RenewalError, match="nothing-claimed"):
        refuse_claim(state, made(), "không thấy", NOW)
    balance = PaymentBalance.of(state, made(), TODAY)
    assert (balance.status, balance.asked, balance.open_amount) == (PaymentStatus.REPORTED, 0, WHOLE)
    assert status_text(balance).vi == "Tiền đã đến theo mã của đăng ký trước, chờ ghi nhận"
    late = NOW + timedelta(days=400)
    assert chase_claim(state, renewal, EXAMPLE_VENDOR, late) is None
    decision = follow_commitment(renewal, state, EXAMPLE_VENDOR, late)
    assert decision
    assert decision.events == ()
    commitment = decision.state.commitment
    assert commitment
    assert commitment.next_on
    assert commitment.next_on > TODAY + timedelta(days=400)
    asked = follow_commitment(renewal, Receivable.of(NEW), EXAMPLE_VENDOR, late)
    assert asked
    assert asked.events, "without it the office would be asked"


def test_part_of_the_sum_silences_only_that_part() -> None:
    """Guards against: 1,000 đồng at a replaced registration, and the office is asked for nothing for ever."""
    state, renewal = taken(received(1000)), made().with_status(RegistrationStatus.AWAITING_CONFIRMATION, NOW)
    assert (state.here, state.asked) == (1000, WHOLE - 1000)
    assert state.claimed_since, "the desk moves it"
    asked = follow_commitment(renewal, state, EXAMPLE_VENDOR, NOW + timedelta(days=400))
    assert asked
    (awaited,) = [event for event in asked.events if isinstance(event, PaymentAwaited)]
    assert awaited.transfer.amount == WHOLE - 1000
    assert PaymentBalance.of(state, renewal, TODAY).status is PaymentStatus.UNPAID


def test_money_is_here_until_it_is_moved_or_given_back_in_either_order() -> None:
    state = taken(received(WHOLE))
    moved = record_receipt(state, made(), WHOLE, TODAY, "FT1", "clerk-1", NOW).state
    assert (moved.here, moved.asked, moved.claimed_since) == (0, 0, None)
    assert follow_earlier(moved, 0, NOW) is None
    given_back = follow_earlier(state, 0, NOW)
    assert given_back
    assert (given_back.state.here, given_back.state.asked, given_back.state.claimed_since) == (0, WHOLE, None)
    assert follow_earlier(state, WHOLE, NOW) is None
    part = follow_earlier(state, 1000, NOW)
    assert part
    assert part.state.asked == WHOLE - 1000


def test_new_registration_asks_for_what_did_not_come() -> None:
    assert asked_after(received(1000), WHOLE) == WHOLE - 1000
    assert asked_after(received(WHOLE), WHOLE) == 0
    assert asked_after(claimed(), WHOLE) == 0
    assert asked_after(Receivable.of(OLD), WHOLE) == WHOLE


def test_declared_paid_on_the_new_form_keeps_its_day_and_no_event_comes_twice() -> None:
    again = NEW.model_copy(
        update={"payment": Payment(kind="paid", on=TODAY - timedelta(days=2)), "pay_by": None}
    )
    first = Receivable.of(again)
    renewal = form.register(again, document("form 1"), EXAMPLE_VENDOR, NOW).state
    decision = take_over_payment(first, renewal, received(), replaced(), NOW)
    assert decision
    assert decision.events == ()
    assert decision.state.claim
    assert (decision.state.claim.paid_on, decision.state.here) == (TODAY - timedelta(days=2), 1000)


def test_replaced_twice_keeps_the_whole_chain() -> None:
    second = made()
    state = taken(claimed())
    last = NEW.model_copy(update={"renewal_id": fresh(), "number": "GH-VSWE-60Y3"})
    renewal = form.register(last, document("form 1"), EXAMPLE_VENDOR, NOW).state
    decision = take_over_payment(Receivable.of(last), renewal, state, second, NOW)
    assert decision
    assert decision.state.earlier == (OLD.renewal_id, NEW.renewal_id)
    assert decision.state.claim
    assert decision.state.claim.memo == "GHVSWE60Y3", "the code with which it was paid"
