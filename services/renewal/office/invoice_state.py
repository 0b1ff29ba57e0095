"""How an invoice stands, in words, as pages show it."""

from dataclasses import dataclass
from typing import Self

from services.renewal.domain.invoice.invoice_flow import InvoiceStatus
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, is_shown
from services.renewal.domain.renewal import Renewal
from services.renewal.texts import INVOICE_STATUSES
from shared.text.i18n import Text

_TONES = {
    InvoiceStatus.DECLARED: "",
    InvoiceStatus.REQUESTED: "is-warn",
    InvoiceStatus.ISSUED: "is-good",
    InvoiceStatus.ADJUSTED: "is-good",
    InvoiceStatus.REPLACED: "is-good",
    InvoiceStatus.CANCELLED: "",
}


@dataclass(frozen=True, slots=True)
class InvoiceState:
    text: Text
    tone: str

    @classmethod
    def of(cls, invoice: RequestedInvoice, renewal: Renewal) -> Self | None:
        """None where no invoice is expected and none was issued."""
        if not is_shown(invoice, renewal):
            return None
        return cls(INVOICE_STATUSES[invoice.status], _TONES[invoice.status])
