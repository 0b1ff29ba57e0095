"""How a payment stands, as the office's pages show it."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from services.renewal.domain.payment.receivable import PaymentStatus, Receivable
from services.renewal.domain.payment.transfer import is_payable
from services.renewal.domain.renewal import Renewal
from services.renewal.texts import PAYMENT_STATUSES
from shared.text.i18n import Text

TONES = {
    PaymentStatus.UNPAID: "",
    PaymentStatus.REPORTED: "is-warn",
    PaymentStatus.PART_PAID: "is-warn",
    PaymentStatus.PAID: "is-good",
    PaymentStatus.OVERDUE: "is-bad",
}


@dataclass(frozen=True, slots=True)
class PaymentState:
    text: Text
    tone: str

    @classmethod
    def of(cls, receivable: Receivable, renewal: Renewal, today: date) -> Self | None:
        """None where nothing is to be paid and nothing came."""
        if not (is_payable(renewal) or receivable.receipts):
            return None
        status = receivable.status(today)
        return cls(PAYMENT_STATUSES[status], TONES[status])
