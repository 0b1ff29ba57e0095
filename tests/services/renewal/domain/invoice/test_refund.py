"""An invoice whose money was given back is to be corrected, by its owner, until a day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain import money
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.invoice.closure import clear_look
from services.renewal.domain.invoice.issuance import record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.refund import follow_refunds
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.invoice.warnings import InvoiceWarningKind, invoice_warnings
from services.renewal.domain.payment.receivable import Receivable, record_receipt, reverse_receipt
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.invoice.texts import warning_text
from services.renewal.settings import EXAMPLE_VENDOR
from shared.text.amounts import vnd
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

MADE = registration()
TOTAL = MADE.order.total
CORRECTED_BY = date(2026, 1, 12)
K = InvoiceWarningKind


def renewal() -> Renewal:
    made = form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    return made.with_status(RegistrationStatus.CONTRACT_ISSUED, NOW)


def declared() -> RequestedInvoice:
    return RequestedInvoice.of(MADE, money.in_words(TOTAL))


def issue(
    state: RequestedInvoice, n: int = 1, kind: str = "original", total: int = TOTAL
) -> RequestedInvoice:
    fields = {"symbol": "1C26TAA", "number": str(n), "dated": TODAY, "total": total, "kind": kind}
    entry = InvoiceEntry.model_validate(fields | {"reason": "" if kind == "original" else "hoàn tiền"})
    decision = record_invoice(state, renewal(), entry, (), "clerk-1", NOW)
    assert decision is not None
    return decision.state


def pay(state: Receivable, amount: int) -> Receivable:
    n = len(state.receipts)
    return record_receipt(state, renewal(), amount, TODAY, f"FT{n}", "clerk-1", NOW).state


def give_back(state: Receivable, n: int, *, refunded: bool = True) -> Receivable:
    receipt = state.receipts[n]
    return reverse_receipt(state, renewal(), receipt.id, "trả lại", "clerk-2", NOW, refunded=refunded).state


def follow(state: RequestedInvoice, receivable: Receivable) -> RequestedInvoice:
    decision = follow_refunds(state, renewal(), receivable, NOW)
    return decision.state if decision else state


PAID = pay(Receivable.of(MADE), TOTAL)


def test_refund_after_the_invoice_reminds_its_owner_until_a_day() -> None:
    state = follow(issue(declared()), give_back(PAID, 0))
    assert (state.correct_by, state.look_since) == (CORRECTED_BY, NOW)
    for today, kind in ((CORRECTED_BY, K.REFUNDED), (CORRECTED_BY + timedelta(days=1), K.REFUND_LATE)):
        (warning,) = invoice_warnings(state, renewal(), give_back(PAID, 0), today)
        assert warning.kind is kind
        told = warning_text(warning)
        for said in told:
            assert "12/01/2026" in said
            assert vnd(TOTAL) in said
            assert "clerk-2" in said


def test_correction_or_a_clerk_ends_it_and_the_same_refund_brings_it_not_again() -> None:
    reminded = follow(issue(declared()), give_back(PAID, 0))
    corrected = issue(reminded, 2, "adjustment", -TOTAL)
    looked = clear_look(reminded, "Đơn vị chuyển lại ngay", NOW).state
    for ended in (corrected, looked):
        assert (ended.correct_by, ended.look_since) == (None, None)
        assert follow_refunds(ended, renewal(), give_back(PAID, 0), NOW) is None


def test_correction_of_something_else_ends_no_duty_and_a_part_of_it_neither() -> None:
    reminded = follow(issue(declared()), give_back(PAID, 0))
    renamed = issue(reminded, 2, "adjustment", 0)
    assert (renamed.correct_by, renamed.look_since) == (CORRECTED_BY, NOW)
    half = issue(renamed, 3, "adjustment", -1000)
    assert half.correct_by == CORRECTED_BY
    assert issue(half, 4, "adjustment", 1000 - TOTAL).correct_by is None


def test_office_that_pays_again_needs_no_corrected_invoice() -> None:
    """Guards against: a correct invoice is cancelled because of a refund that was paid back."""
    given_back = give_back(PAID, 0)
    reminded = follow(issue(declared()), given_back)
    again = follow(reminded, pay(given_back, TOTAL))
    assert (again.correct_by, again.look_since, again.to_refund) == (None, None, ())
    assert len(again.refunds) == 1, "what happened stays"
    assert issue(follow(follow(declared(), given_back), pay(given_back, TOTAL))).correct_by is None
    once_more = follow(again, give_back(pay(given_back, TOTAL), 1))
    assert once_more.correct_by == CORRECTED_BY


def test_second_refund_moves_no_day_that_is_told() -> None:
    two = pay(pay(Receivable.of(MADE), 1000), TOTAL - 1000)
    first = give_back(two, 0)
    reminded = follow(issue(declared()), first)
    late = follow_refunds(reminded, renewal(), give_back(first, 1), NOW + timedelta(days=9))
    assert late
    assert (late.state.correct_by, len(late.state.to_refund)) == (CORRECTED_BY, 2)


def test_invoice_of_less_than_the_price_is_held_against_itself() -> None:
    less = issue(declared(), total=1000)
    assert follow(less, give_back(pay(pay(Receivable.of(MADE), 1000), 1000), 0)).correct_by is None


def test_refund_before_the_invoice_is_recorded_reminds_when_it_is() -> None:
    """Guards against: a clerk records on Friday the invoice of Monday, and the refund was on Wednesday."""
    state = follow(declared(), give_back(PAID, 0))
    assert (state.correct_by, state.look_since) == (None, None)
    assert issue(state).correct_by == CORRECTED_BY


def test_what_was_paid_twice_or_recorded_in_error_corrects_no_invoice() -> None:
    twice = give_back(pay(PAID, TOTAL), 0)
    assert follow(issue(declared()), twice).correct_by is None
    assert issue(follow(declared(), twice)).correct_by is None
    assert follow_refunds(issue(declared()), renewal(), give_back(PAID, 0, refunded=False), NOW) is None


@given(
    st.lists(
        st.sampled_from(["pay", "refund", "undo", "issue", "adjust", "correct", "follow", "look"]),
        max_size=12,
    )
)
def test_any_order_ends_in_a_reminder_or_a_correction(steps: list[str]) -> None:
    """Whatever the order: an invoice that says more than is paid, and more than a refund left, is on the
    desk's list, unless a clerk looked after the refund was known."""
    receivable, state, answered = Receivable.of(MADE), declared(), 0
    for step in steps:
        counting = [n for n, each in enumerate(receivable.receipts) if each.counts]
        if step == "pay":
            receivable = pay(receivable, TOTAL)
        elif step in ("refund", "undo") and counting:
            receivable = give_back(receivable, counting[0], refunded=step == "refund")
        elif step == "issue" and not state.issued:
            state = issue(state)
        elif step == "adjust" and state.issued:
            state = issue(state, len(state.issued) + 1, "adjustment", 0)
        elif step == "correct" and state.issued:
            state = issue(state, len(state.issued) + 1, "replacement", receivable.paid)
        elif step == "look" and state.look_since:
            state, answered = clear_look(state, "xem rồi", NOW).state, len(state.refunds)
        else:
            state = follow(state, receivable)
    state = follow(state, receivable)
    assert follow_refunds(state, renewal(), receivable, NOW) is None
    assert {each.receipt_id for each in state.refunds} == {
        each.id for each in receivable.receipts if each.reversal and each.reversal.refunded
    }
    said = state.invoiced if state.issued else 0
    waits = [each for each in state.refunds[answered:] if max(each.left, receivable.paid) < said]
    assert bool(state.correct_by) == bool(waits)
    assert not state.correct_by or state.look_since
