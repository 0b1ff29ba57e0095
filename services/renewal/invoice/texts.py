"""The texts of invoices for people."""

from datetime import date

from services.renewal.domain.invoice.issued_invoice import IssuedInvoice
from services.renewal.domain.invoice.warnings import InvoiceWarning, InvoiceWarningKind
from services.renewal.texts import TEXTS
from shared.text.amounts import vnd
from shared.text.i18n import Text

_WARNINGS, _FIELDS = TEXTS.part("invoice_warning"), TEXTS.part("invoice_field")
REASONS = TEXTS.part("invoice_reason")
_AMOUNTS = (
    InvoiceWarningKind.ISSUED_OTHER_TOTAL,
    InvoiceWarningKind.ADJUSTED_BY_WHOLE,
    InvoiceWarningKind.REFUNDED,
    InvoiceWarningKind.REFUND_LATE,
)


def warning_text(warning: InvoiceWarning) -> Text:
    """The warning in words, with the decree's number where the law is meant."""
    figures: dict[str, object] = {}
    for name, value in warning.figures.items():
        if name == "field":
            figures[name] = _FIELDS[str(value)]
        elif isinstance(value, date):
            figures[name] = f"{value:%d/%m/%Y}"
        elif warning.kind in _AMOUNTS and isinstance(value, int):
            figures[name] = vnd(value)
        else:
            figures[name] = value
    return _WARNINGS[warning.kind].fill(**figures)


def lookup_url_of(issued: IssuedInvoice, default: str) -> str:
    """Where the invoice is looked up: its own address, else the vendor's. Empty without a code."""
    return (issued.lookup_url or default) if issued.lookup_code else issued.lookup_url
