"""A registration that replaces a paid one: the office isn't asked again, and no money is moved by itself."""

from datetime import timedelta

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.claims.takeover import is_paid_before, leave_payment, take_over_payment
from services.renewal.domain.payment.commitment_steps import follow_commitment
from services.renewal.domain.payment.receivable import (
    Receivable,
    chase_claim,
    claim_payment,
    record_receipt,
    refuse_claim,
)
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.declaration import Payment
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.payment import PaymentClaimed
from shared.ids import fresh
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

OLD = registration()
NEW = OLD.model_copy(update={"renewal_id": fresh(), "number": "GH-5JMX-Q3QZ"})


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
    assert (claim.paid_on, claim.memo, claim.here) == (TODAY, "GHVSWE60Y3", False)
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
    state, renewal = taken(received()), made().with_status(RegistrationStatus.AWAITING_CONFIRMATION, NOW)
    assert state.claim
    assert (state.claim.here, state.paid) == (True, 0)
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


def test_once_the_desk_has_moved_part_of_it_the_rest_is_asked_for() -> None:
    moved = record_receipt(taken(received()), made(), 1000, TODAY, "FT1", "clerk-1", NOW).state
    assert moved.claim
    assert not moved.claim.here
    assert chase_claim(moved, made(), EXAMPLE_VENDOR, NOW + timedelta(days=30))


def test_refused_claim_of_money_that_is_here_ends_the_silence() -> None:
    refused = refuse_claim(taken(received()), made(), "đã hoàn tiền", NOW).state
    assert refused.claimed_since is None
    renewal = made().with_status(RegistrationStatus.AWAITING_CONFIRMATION, NOW)
    asked = follow_commitment(renewal, refused, EXAMPLE_VENDOR, NOW + timedelta(days=400))
    assert asked
    assert asked.events


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
    assert (decision.state.claim.paid_on, decision.state.claim.here) == (TODAY - timedelta(days=2), True)


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
