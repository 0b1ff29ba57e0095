"""What the desk is warned of, and what not."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.renewal.domain import money
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.invoice.issuance import record_invoice
from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.refund import follow_refunds
from services.renewal.domain.invoice.request_steps import request_by_rule
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.invoice.warnings import InvoiceWarningKind, invoice_warnings
from services.renewal.domain.payment.receivable import Receivable, record_receipt, reverse_receipt
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.working_days import working_day_after
from services.renewal.invoice.texts import warning_text
from services.renewal.settings import EXAMPLE_VENDOR
from tests.services.renewal.domain.joint.examples import joint_registration
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

MADE = registration()
UNPAID = Receivable.of(MADE)
K = InvoiceWarningKind


def renewal() -> Renewal:
    made = form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    return made.with_status(RegistrationStatus.CONTRACT_ISSUED, NOW)


def invoice(wanted_on: date | None = None, **buyer: Any) -> RequestedInvoice:
    state = RequestedInvoice.of(MADE, money.in_words(MADE.order.total))
    decision = request_by_rule(state, renewal(), NOW)
    assert decision is not None
    changed = decision.state.buyer.model_copy(update=buyer)
    return decision.state.model_copy(update={"wanted_on": wanted_on, "buyer": changed})


def found(
    state: RequestedInvoice,
    receivable: Receivable = UNPAID,
    today: date = TODAY,
    status: RegistrationStatus = RegistrationStatus.CONTRACT_ISSUED,
) -> list[K]:
    about = renewal().with_status(status, NOW)
    return [each.kind for each in invoice_warnings(state, about, receivable, today)]


def paid(on: date) -> Receivable:
    return record_receipt(UNPAID, renewal(), MADE.order.total, on, "FT1", "clerk-1", NOW).state


def test_item_of_any_product_on_the_form_may_be_too_long() -> None:
    """Guards against: the item of a joined product, with its name in front, is cut or refused elsewhere."""
    joint = joint_registration()
    long = joint.joined[0].model_copy(update={"product_name": "x" * 500})
    made = joint.model_copy(update={"joined": (long,)})
    about = form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state
    issued = about.with_status(RegistrationStatus.CONTRACT_ISSUED, NOW)
    state = RequestedInvoice.of(made, money.in_words(made.total))
    warnings = invoice_warnings(state, issued, Receivable.of(made), TODAY)
    assert [each.figures["field"] for each in warnings if each.kind is K.FIELD_TOO_LONG] == ["item"] * len(
        long.order.lines
    )


def test_nothing_odd_nothing_said() -> None:
    assert found(invoice()) == []
    assert found(invoice(TODAY)) == []


def test_money_received_makes_it_due_that_day() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert found(invoice(TODAY), paid(TODAY)) == []
    assert found(invoice(TODAY), paid(yesterday)) == [K.WANTED_AFTER_MONEY]
    assert found(invoice(), paid(yesterday)) == [K.OVERDUE]
    undone = reverse_receipt(
        paid(yesterday), renewal(), paid(yesterday).receipts[0].id, "nhầm", "clerk-1", NOW
    ).state
    assert found(invoice(TODAY), undone) == [], "money that no longer counts makes nothing due"


def test_completion_makes_it_due() -> None:
    end = MADE.term.term_to
    assert found(invoice(end + timedelta(days=1)), today=end) == [
        K.WANTED_AFTER_COMPLETION,
        K.WANTED_NEXT_YEAR,
    ]
    assert found(invoice(), today=end + timedelta(days=1)) == [K.OVERDUE]


def test_request_that_the_e_invoice_system_forgot_is_late() -> None:
    """Guards against: without a wanted day a lost request waits until the service ends."""
    last = working_day_after(TODAY, 3)
    assert found(invoice(), today=last) == []
    assert found(invoice(), today=last + timedelta(days=1)) == [K.WAITS_LONG]
    assert found(invoice(last), today=last) == []
    assert found(invoice(last), today=working_day_after(last, 3)) == [K.WANTED_PASSED]


def test_dates_of_the_office() -> None:
    assert found(invoice(TODAY - timedelta(days=1))) == [K.WANTED_PASSED]
    assert K.WANTED_NEXT_YEAR in found(invoice(date(2027, 1, 4)))
    assert found(invoice(date(2026, 12, 31))) == []


def test_data_that_may_be_refused() -> None:
    assert found(invoice(tax_code=None)) == [K.TAX_CODE_MISSING]
    assert found(invoice(tax_code="0123456789")) == [K.TAX_CODE_ODD]
    assert found(invoice(email=f"{'x' * 60}@truong.example")) == [K.FIELD_TOO_LONG]
    long = invoice().model_copy(update={"total_in_words": "x" * 256})
    assert found(long) == [K.FIELD_TOO_LONG]


def issue(state: RequestedInvoice, **entry: Any) -> RequestedInvoice:
    fields = {"symbol": "1C26TAA", "number": "1", "dated": TODAY, "total": MADE.order.total} | entry
    decision = record_invoice(state, renewal(), InvoiceEntry.model_validate(fields), (), "clerk-1", NOW)
    assert decision is not None
    return decision.state


def test_issued_on_something_else() -> None:
    assert found(issue(invoice(TODAY - timedelta(days=9)), request_revision=1)) == []
    old = invoice().model_copy(update={"revision": 2})
    assert found(issue(old, request_revision=1)) == [K.ISSUED_EARLIER_REVISION]
    replaced = issue(issue(old, request_revision=1), kind="replacement", number="2", reason="sai tên")
    assert found(replaced) == []
    other = issue(invoice(), total=1)
    assert found(other) == [K.ISSUED_OTHER_TOTAL]
    adjusted = issue(other, kind="adjustment", number="2", total=MADE.order.total - 1, reason="sai tiền")
    assert found(adjusted) == [K.ISSUED_OTHER_TOTAL], "the desk sees what the first one said"
    whole = issue(issue(invoice()), kind="adjustment", number="2", total=MADE.order.total, reason="sai")
    assert found(whole) == [K.ADJUSTED_BY_WHOLE], "an adjustment says the difference"
    cancelled = invoice().model_copy(update={"cancelled": "không cần"})
    assert found(cancelled) == []
    assert found(issue(cancelled)) == [K.ISSUED_CANCELLED]


@pytest.mark.parametrize("status", [RegistrationStatus.CANCELLED, RegistrationStatus.REFUSED])
def test_closed_registration_warns_alone(status: RegistrationStatus) -> None:
    wrong = invoice(TODAY - timedelta(days=1), tax_code=None)
    assert found(wrong, status=status) == [K.REGISTRATION_CLOSED]
    assert found(RequestedInvoice.of(MADE, "không đồng"), status=status) == [], "nothing was requested"
    assert found(issue(invoice()), status=status) == [K.REGISTRATION_CLOSED]


def refunded() -> RequestedInvoice:
    """An invoice that was issued, and then its money was given back."""
    received = paid(TODAY)
    undone = reverse_receipt(
        received, renewal(), received.receipts[0].id, "trả lại", "clerk-1", NOW, refunded=True
    )
    decision = follow_refunds(issue(invoice()), renewal(), undone.state, NOW)
    assert decision is not None
    return decision.state


def test_every_warning_has_its_words() -> None:
    states = [
        (invoice(date(2027, 1, 4), tax_code=None, email="x" * 99), paid(TODAY), TODAY),
        (invoice(date(2027, 1, 4), tax_code="0123456789"), UNPAID, TODAY + timedelta(days=400)),
        (invoice(), UNPAID, TODAY + timedelta(days=400)),
        (invoice(), UNPAID, TODAY + timedelta(days=30)),
        (issue(invoice().model_copy(update={"cancelled": "x", "revision": 2}), total=1, request_revision=1),
         UNPAID, TODAY),
        (issue(issue(invoice()), kind="adjustment", number="2", total=MADE.order.total, reason="sai"),
         UNPAID, TODAY),
        (refunded(), UNPAID, TODAY),
        (refunded(), UNPAID, TODAY + timedelta(days=30)),
    ]  # fmt: skip
    closed = renewal().with_status(RegistrationStatus.REFUSED, NOW)
    warnings = [each for state in states for each in invoice_warnings(state[0], renewal(), *state[1:])]
    warnings += invoice_warnings(invoice(), closed, UNPAID, TODAY)
    assert {each.kind for each in warnings} == set(K)
    texts = {each.kind: warning_text(each) for each in warnings}
    assert "254/2026/NĐ-CP" in texts[K.WANTED_AFTER_MONEY].vi
    assert all("{" not in text.vi + text.en for text in texts.values())
