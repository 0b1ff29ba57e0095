"""What is to be paid for a registration, and what came of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.payment.receivable import (
    PaymentStatus,
    Receivable,
    claim_payment,
    record_receipt,
    reverse_receipt,
)
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form, sending
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.payment import PaymentClaimed, PaymentRecorded, PaymentReversed
from shared.ids import fresh
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

DUE = registration().order.total


def made() -> Renewal:
    return form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state


def receivable() -> Receivable:
    return Receivable.of(registration())


def paid(state: Receivable, amount: int) -> Receivable:
    return record_receipt(state, made(), amount, TODAY, "FT26334", "clerk-1", NOW).state


def test_unpaid_becomes_overdue_after_its_day() -> None:
    due_on = registration().payment_day
    statuses = [receivable().status(due_on + timedelta(days=n)) for n in (-1, 0, 1)]
    assert statuses == [PaymentStatus.UNPAID, PaymentStatus.UNPAID, PaymentStatus.OVERDUE]


def test_claim_waits_for_the_money_and_gives_nothing() -> None:
    decision = claim_payment(receivable(), made(), TODAY, "GH ABC", "renewer-1", NOW)
    claimed = decision.state
    assert claimed.status(TODAY) is PaymentStatus.REPORTED
    assert (claimed.claimed_since, claimed.paid) == (NOW, 0)
    assert [type(event) for event in decision.events] == [PaymentClaimed]
    again = claim_payment(claimed, made(), TODAY, "", "renewer-1", NOW + timedelta(days=2)).state
    assert again.claimed_since == NOW, "the desk looks since the first time"
    assert paid(again, DUE).claimed_since is None


def test_part_then_the_rest() -> None:
    part = paid(receivable(), DUE - 1)
    assert (part.status(TODAY), part.open_amount) == (PaymentStatus.PART_PAID, 1)
    whole = record_receipt(part, made(), 1, TODAY, "FT26335", "clerk-1", NOW)
    assert whole.state.status(TODAY) is PaymentStatus.PAID
    (event,) = whole.events
    assert isinstance(event, PaymentRecorded)
    assert (event.amount_vnd, event.paid_vnd, event.total_vnd) == (1, DUE, DUE)


def test_reversed_receipt_stays_and_no_longer_counts() -> None:
    whole = paid(claim_payment(receivable(), made(), TODAY, "", "renewer-1", NOW).state, DUE)
    decision = reverse_receipt(whole, made(), whole.receipts[0].id, "của đơn vị khác", "clerk-2", NOW)
    (event,) = decision.events
    assert isinstance(event, PaymentReversed)
    assert (event.paid_vnd, event.reason) == (0, "của đơn vị khác")
    assert (len(decision.state.receipts), decision.state.paid) == (1, 0)
    assert decision.state.status(TODAY) is PaymentStatus.REPORTED
    assert decision.state.claimed_since == NOW, "the desk looks again"
    with pytest.raises(RenewalError, match="receipt-reversed"):
        reverse_receipt(decision.state, made(), whole.receipts[0].id, "lần nữa", "clerk-2", NOW)
    with pytest.raises(RenewalError, match="receipt-unknown"):
        reverse_receipt(whole, made(), fresh(), "không có", "clerk-2", NOW)


def test_what_is_paid_or_closed_can_not_be_claimed() -> None:
    with pytest.raises(RenewalError, match="paid-already"):
        claim_payment(paid(receivable(), DUE), made(), TODAY, "", "renewer-1", NOW)
    closed = sending.cancel(made(), "office", "không cần nữa", NOW).state
    with pytest.raises(RenewalError, match="nothing-to-pay"):
        claim_payment(receivable(), closed, TODAY, "", "renewer-1", NOW)
    money = record_receipt(receivable(), closed, DUE, TODAY, "FT26334", "clerk-1", NOW).state
    assert money.paid == DUE, "money that came is recorded all the same"


@given(st.lists(st.tuples(st.integers(1, 2 * DUE), st.booleans()), max_size=8))
def test_paid_is_the_sum_of_what_counts(steps: list[tuple[int, bool]]) -> None:
    state, counts = receivable(), 0
    for amount, gone in steps:
        state = paid(state, amount)
        if gone:
            state = reverse_receipt(state, made(), state.receipts[-1].id, "nhầm", "clerk-1", NOW).state
        else:
            counts += amount
    assert (state.paid, state.open_amount) == (counts, DUE - counts)
    assert len({receipt.id for receipt in state.receipts}) == len(steps)
    expected = (
        PaymentStatus.PAID if counts >= DUE else PaymentStatus.PART_PAID if counts else PaymentStatus.UNPAID
    )
    assert state.status(TODAY) is expected
