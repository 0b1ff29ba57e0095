"""The balance of a registration: what is to be paid, what came, and the status that follows on a day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from services.renewal.domain.flow import VALID
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.payment.transfer import is_payable
from services.renewal.domain.renewal import Renewal


class PaymentStatus(StrEnum):
    """`CLOSED`: nothing is to be paid, because the registration is closed, costs nothing, or is of an older
    release. `REFUNDED`: so, and what came was given back."""

    UNPAID = "unpaid"
    REPORTED = "reported"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    REFUNDED = "refunded"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PaymentBalance:
    """Amounts in đồng. `open_amount` is still to be paid, `over` was received and isn't due. `due_on`: None
    where nothing is to be paid by a day."""

    status: PaymentStatus
    amount: int
    paid: int
    open_amount: int
    over: int
    due_on: date | None

    @classmethod
    def of(cls, receivable: Receivable, renewal: Renewal, today: date) -> Self:
        recorded_here = renewal.status in VALID and bool(receivable.receipts)
        amount = receivable.amount if is_payable(renewal) or recorded_here else 0
        open_amount = max(amount - receivable.paid, 0)
        due_on = renewal.commitment.pay_by if renewal.commitment else receivable.due_on
        return cls(
            status=_status(receivable, amount, due_on, today),
            amount=amount,
            paid=receivable.paid,
            open_amount=open_amount,
            over=max(receivable.paid - amount, 0),
            due_on=due_on if open_amount else None,
        )


def _status(receivable: Receivable, amount: int, due_on: date | None, today: date) -> PaymentStatus:
    reversals = [receipt.reversal for receipt in receivable.receipts if receipt.reversal]
    if not amount:
        refunded = not receivable.paid and any(reversal.refunded for reversal in reversals)
        return PaymentStatus.REFUNDED if refunded else PaymentStatus.CLOSED
    if receivable.paid >= amount:
        return PaymentStatus.PAID
    if receivable.paid:
        return PaymentStatus.PART_PAID
    if receivable.open_claim:
        return PaymentStatus.REPORTED
    return PaymentStatus.OVERDUE if due_on and today > due_on else PaymentStatus.UNPAID
