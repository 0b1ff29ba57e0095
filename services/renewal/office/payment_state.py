"""How a payment stands, in words, as pages show it."""

from dataclasses import dataclass
from typing import Self

from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus
from services.renewal.texts import PAYMENT_STATUSES
from shared.text.i18n import Text

_TONES = {
    PaymentStatus.UNPAID: "",
    PaymentStatus.REPORTED: "is-warn",
    PaymentStatus.PART_PAID: "is-warn",
    PaymentStatus.PAID: "is-good",
    PaymentStatus.OVERDUE: "is-bad",
    PaymentStatus.REFUNDED: "",
    PaymentStatus.CLOSED: "",
}


@dataclass(frozen=True, slots=True)
class PaymentState:
    """`asks`: something is still to be paid."""

    text: Text
    tone: str
    asks: bool

    @classmethod
    def of(cls, balance: PaymentBalance) -> Self | None:
        """None where nothing is to be paid and nothing came."""
        status = balance.status
        if status is PaymentStatus.CLOSED and not balance.paid:
            return None
        return cls(PAYMENT_STATUSES[status], _TONES[status], balance.open_amount > 0)
