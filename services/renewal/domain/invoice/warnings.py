"""What the desk should know before the invoice is issued, or after: dates that the law doesn't follow, data
that the e-invoice system may refuse. Nothing here refuses anything.

The law's dates: an invoice for a service is due when the service is completed, or, where money is received
before or during it, on the day on which the money is received.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.renewal.domain.flow import VALID
from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.invoice.request_steps import invoice_lines
from services.renewal.domain.invoice.requested_invoice import (
    LONGEST_EMAIL,
    LONGEST_PHONE,
    RequestedInvoice,
)
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from shared.text.identifiers import check_digit_fails

_LONGEST = {
    "name": 400,
    "tax_code": 14,
    "budget_code": 7,
    "address": 400,
    "email": LONGEST_EMAIL,
    "phone": LONGEST_PHONE,
}
_LONGEST_ITEM, _LONGEST_WORDS = 500, 255


class InvoiceWarningKind(StrEnum):
    WANTED_PASSED = "wanted_passed"
    WANTED_AFTER_MONEY = "wanted_after_money"
    WANTED_AFTER_COMPLETION = "wanted_after_completion"
    WANTED_NEXT_YEAR = "wanted_next_year"
    OVERDUE = "overdue"
    WAITS_LONG = "waits_long"
    TAX_CODE_MISSING = "tax_code_missing"
    TAX_CODE_ODD = "tax_code_odd"
    FIELD_TOO_LONG = "field_too_long"
    ISSUED_EARLIER_REVISION = "issued_earlier_revision"
    ISSUED_CANCELLED = "issued_cancelled"
    ISSUED_OTHER_TOTAL = "issued_other_total"
    ADJUSTED_BY_WHOLE = "adjusted_by_whole"
    REGISTRATION_CLOSED = "registration_closed"
    REFUNDED = "refunded"
    REFUND_LATE = "refund_late"


_ANSWERED = frozenset({InvoiceWarningKind.ISSUED_CANCELLED, InvoiceWarningKind.REGISTRATION_CLOSED})
"""What a replacement answers: whoever issued it knew."""


@dataclass(frozen=True, slots=True)
class InvoiceWarning:
    """`figures` fill the warning's text. `field` in them is the name of a field."""

    kind: InvoiceWarningKind
    figures: Mapping[str, date | int | str] = field(default_factory=dict)


def invoice_warnings(
    state: RequestedInvoice, renewal: Renewal, receivable: Receivable, today: date
) -> tuple[InvoiceWarning, ...]:
    if state.issued:
        return (*_about_issued(state, renewal), *_about_refund(state, today))
    if state.status is InvoiceStatus.CANCELLED:
        return ()
    if renewal.status not in VALID:
        closed = InvoiceWarning(InvoiceWarningKind.REGISTRATION_CLOSED)
        return (closed,) if state.status is InvoiceStatus.REQUESTED else ()
    registration = renewal.registration
    return (*_about_dates(state, registration, receivable, today), *_about_data(state, registration))


def needs_look(state: RequestedInvoice, renewal: Renewal) -> bool:
    """Whether the desk must look at the newest issued invoice. A correction answers what was odd before it,
    and can be odd itself."""
    kinds = {warning.kind for warning in _about_issued(state, renewal)}
    if state.status is InvoiceStatus.ADJUSTED:
        return InvoiceWarningKind.ADJUSTED_BY_WHOLE in kinds
    return bool(kinds - _ANSWERED if state.status is InvoiceStatus.REPLACED else kinds)


def law_day(registration: Registration, receivable: Receivable) -> tuple[date, InvoiceWarningKind]:
    """By which day the law wants the invoice, as far as is known, and the warning for a later wanted date."""
    received = [receipt.received_on for receipt in receivable.receipts if receipt.counts]
    if received:
        return min(received), InvoiceWarningKind.WANTED_AFTER_MONEY
    return registration.term.term_to, InvoiceWarningKind.WANTED_AFTER_COMPLETION


def _about_dates(
    state: RequestedInvoice, registration: Registration, receivable: Receivable, today: date
) -> Iterator[InvoiceWarning]:
    due, later = law_day(registration, receivable)
    wanted = state.wanted_on
    if wanted and wanted < today:
        yield InvoiceWarning(InvoiceWarningKind.WANTED_PASSED, {"day": wanted})
    if wanted and wanted > due:
        yield InvoiceWarning(later, {"day": wanted, "due": due})
    elif today > due:
        yield InvoiceWarning(InvoiceWarningKind.OVERDUE, {"due": due})
    elif (late := state.late_after(registration.zone)) and today > late:
        yield InvoiceWarning(InvoiceWarningKind.WAITS_LONG, {"due": late})
    if wanted and wanted.year > max(registration.registered_on.year, today.year):
        yield InvoiceWarning(InvoiceWarningKind.WANTED_NEXT_YEAR, {"day": wanted})


def _about_data(state: RequestedInvoice, registration: Registration) -> Iterator[InvoiceWarning]:
    code = state.buyer.tax_code
    if not code:
        yield InvoiceWarning(InvoiceWarningKind.TAX_CODE_MISSING)
    elif check_digit_fails(code):
        yield InvoiceWarning(InvoiceWarningKind.TAX_CODE_ODD, {"code": code})
    sizes = [(name, len(getattr(state.buyer, name) or ""), most) for name, most in _LONGEST.items()]
    sizes += [("item", len(line.item), _LONGEST_ITEM) for line in invoice_lines(registration)]
    sizes.append(("words", len(state.total_in_words), _LONGEST_WORDS))
    for name, size, most in sizes:
        if size > most:
            yield InvoiceWarning(InvoiceWarningKind.FIELD_TOO_LONG, {"field": name, "most": most})


def _about_refund(state: RequestedInvoice, today: date) -> Iterator[InvoiceWarning]:
    if state.correct_by is None or not state.to_refund:
        return
    newest, due = state.to_refund[-1], state.correct_by
    kind = InvoiceWarningKind.REFUND_LATE if today > due else InvoiceWarningKind.REFUNDED
    yield InvoiceWarning(kind, {"amount": newest.amount, "due": due, "owner": newest.by})


def _about_issued(state: RequestedInvoice, renewal: Renewal) -> Iterator[InvoiceWarning]:
    """About the newest one that stands for the whole: adjustments come on top of it."""
    whole, newest = state.whole, state.issued[-1]
    if renewal.status not in VALID:
        yield InvoiceWarning(InvoiceWarningKind.REGISTRATION_CLOSED)
    if state.cancelled is not None:
        yield InvoiceWarning(InvoiceWarningKind.ISSUED_CANCELLED, {"reason": state.cancelled})
    if whole.request_revision and whole.request_revision < state.revision:
        figures = {"revision": whole.request_revision, "newest": state.revision}
        yield InvoiceWarning(InvoiceWarningKind.ISSUED_EARLIER_REVISION, figures)
    if newest.kind == "adjustment" and newest.total == whole.total:
        yield InvoiceWarning(InvoiceWarningKind.ADJUSTED_BY_WHOLE, {"total": newest.total})
    if whole.total != state.total:
        yield InvoiceWarning(
            InvoiceWarningKind.ISSUED_OTHER_TOTAL, {"issued": whole.total, "total": state.total}
        )
