"""The balance of a registration: what is to be paid, what came, and the status that follows on a day."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from services.renewal.domain.flow import OPEN, VALID
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.payment.transfer import is_payable
from services.renewal.domain.renewal import Renewal


class PaymentStatus(StrEnum):
    """`CLOSED`: nothing is to be paid, because the registration is closed, costs nothing, or is of an older
    release. `HELD`: so, but money is here. `REFUNDED`: so, and what came was given back."""

    UNPAID = "unpaid"
    REPORTED = "reported"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    HELD = "held"
    REFUNDED = "refunded"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PaymentBalance:
    """Amounts in đồng. `open_amount` is still to be recorded, `over` was received and isn't due. `here`: what
    came of it for a replaced registration, and `asked`: what the office is still to pay. `due_on`: None where
    nothing is to be paid by a day. `is_overdue`: something is open after that day, a part of it paid or
    not."""

    status: PaymentStatus
    amount: int
    paid: int
    open_amount: int
    over: int
    here: int
    asked: int
    due_on: date | None
    is_overdue: bool

    @classmethod
    def of(cls, receivable: Receivable, renewal: Renewal, today: date) -> Self:
        amount = _due(receivable, renewal)
        open_amount = max(amount - receivable.paid, 0)
        due_on = renewal.commitment.pay_by if renewal.commitment else receivable.due_on
        return cls(
            status=_status(receivable, amount, due_on, today),
            amount=amount,
            paid=receivable.paid,
            open_amount=open_amount,
            over=max(receivable.paid - amount, 0),
            here=min(receivable.here, open_amount),
            asked=max(open_amount - receivable.here, 0),
            due_on=due_on if open_amount else None,
            is_overdue=open_amount > 0 and due_on is not None and due_on < today,
        )


def settled(receivable: Receivable, renewal: Renewal, now: datetime) -> Receivable:
    """What is stored apart has followed. Money that isn't due waits for the desk since it was first seen."""
    over = receivable.paid > _due(receivable, renewal)
    return receivable.waiting_for_shares(renewal, now).model_copy(
        update={
            "unsettled_since": None,
            "over_since": (receivable.over_since or now) if over else None,
            "may_close": receivable.may_close and renewal.status in OPEN,
        }
    )


def _due(receivable: Receivable, renewal: Renewal) -> int:
    recorded_here = renewal.status in VALID and bool(receivable.receipts)
    return receivable.amount if is_payable(renewal) or recorded_here else 0


def _status(receivable: Receivable, amount: int, due_on: date | None, today: date) -> PaymentStatus:
    reversals = [receipt.reversal for receipt in receivable.receipts if receipt.reversal]
    if not amount and receivable.paid:
        return PaymentStatus.HELD
    if not amount:
        refunded = any(reversal.refunded for reversal in reversals)
        return PaymentStatus.REFUNDED if refunded else PaymentStatus.CLOSED
    if receivable.paid >= amount:
        return PaymentStatus.PAID
    if receivable.paid:
        return PaymentStatus.PART_PAID
    if receivable.open_claim or not receivable.asked:
        return PaymentStatus.REPORTED
    return PaymentStatus.OVERDUE if due_on and today > due_on else PaymentStatus.UNPAID
