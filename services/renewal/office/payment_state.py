"""How a payment stands, in words, as pages show it."""

from dataclasses import dataclass
from typing import Self

from services.renewal.domain.payment.balance import PaymentBalance, PaymentStatus
from services.renewal.texts import PAYMENT_STATES, PAYMENT_STATUSES
from shared.text.i18n import Text

_TONES = {
    PaymentStatus.UNPAID: "",
    PaymentStatus.REPORTED: "is-warn",
    PaymentStatus.PART_PAID: "is-warn",
    PaymentStatus.PAID: "is-good",
    PaymentStatus.OVERDUE: "is-bad",
    PaymentStatus.HELD: "is-warn",
    PaymentStatus.REFUNDED: "",
    PaymentStatus.CLOSED: "",
}


@dataclass(frozen=True, slots=True)
class PaymentState:
    """`asks`: the office is still to pay something."""

    text: Text
    tone: str
    asks: bool

    @classmethod
    def of(cls, balance: PaymentBalance) -> Self | None:
        """None where nothing is to be paid and nothing came."""
        status = balance.status
        if status is PaymentStatus.CLOSED and not balance.paid:
            return None
        return cls(status_text(balance), _TONES[status], balance.asked > 0)


def status_text(balance: PaymentBalance) -> Text:
    """The status. Money that is here is never told as the office's word."""
    if balance.status is PaymentStatus.REPORTED and not balance.asked:
        return PAYMENT_STATES["here"]
    return PAYMENT_STATUSES[balance.status]
