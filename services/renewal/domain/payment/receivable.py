"""The aggregate `Receivable`: what an office is to pay for one registration, and what was received of it.

It gives nothing by itself: access and resources follow from the contract.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.payment.transfer import is_payable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal, event_fields
from shared import ids
from shared.events.payment import PaymentClaimed, PaymentRecorded, PaymentReversed
from shared.storage.aggregate import Decision, State


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    REPORTED = "reported"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERDUE = "overdue"


class PaymentClaim(Frozen):
    """The office says that it paid on a day. `memo` is what it wrote on its payment order, or empty."""

    paid_on: date
    memo: str
    claimed_by: str
    claimed_at: datetime


class Reversal(Frozen):
    reason: str
    by: str
    at: datetime


class Receipt(Frozen):
    """Money that the vendor received, in đồng. `reference`: the bank's number of the transfer, or a note."""

    id: UUID
    amount: int
    paid_on: date
    reference: str
    recorded_by: str
    recorded_at: datetime
    reversal: Reversal | None = None


class Receivable(State):
    """`amount` is to be paid by `due_on`. `claim` is the newest one.

    `claimed_since` is when the office first said that it paid, while not all of it is here: then the desk
    looks for the money.
    """

    renewal_id: UUID
    office_ref: str
    amount: int
    due_on: date
    claim: PaymentClaim | None = None
    receipts: tuple[Receipt, ...] = ()
    claimed_since: datetime | None = None

    @classmethod
    def of(cls, registration: Registration) -> Self:
        """Before anything was paid or claimed."""
        return cls(
            renewal_id=registration.renewal_id,
            office_ref=registration.office_ref,
            amount=registration.order.total,
            due_on=registration.payment_day,
        )

    @property
    def paid(self) -> int:
        return sum(receipt.amount for receipt in self.receipts if receipt.reversal is None)

    @property
    def open_amount(self) -> int:
        """What is still to be paid; negative where more was received."""
        return self.amount - self.paid

    def status(self, today: date) -> PaymentStatus:
        if self.open_amount <= 0:
            return PaymentStatus.PAID
        if self.paid:
            return PaymentStatus.PART_PAID
        if self.claim:
            return PaymentStatus.REPORTED
        return PaymentStatus.OVERDUE if today > self.due_on else PaymentStatus.UNPAID

    def _changed(self, now: datetime, **changes: object) -> Self:
        changed = self.model_copy(update=changes)
        waits = changed.claim is not None and changed.open_amount > 0
        return changed.model_copy(update={"claimed_since": (self.claimed_since or now) if waits else None})


def claim_payment(
    state: Receivable, renewal: Renewal, paid_on: date, memo: str, by: str, now: datetime
) -> Decision[Receivable]:
    """The office says that it has paid. Raises RenewalError where there is nothing to pay, or all is here."""
    if not is_payable(renewal):
        raise RenewalError("nothing-to-pay")
    if state.open_amount <= 0:
        raise RenewalError("paid-already")
    claim = PaymentClaim(paid_on=paid_on, memo=memo, claimed_by=by, claimed_at=now)
    event = PaymentClaimed(**event_fields(renewal.registration, now), paid_on=paid_on)
    return Decision(state._changed(now, claim=claim), (event,))


def record_receipt(
    state: Receivable,
    renewal: Renewal,
    amount: int,
    paid_on: date,
    reference: str,
    by: str,
    now: datetime,
) -> Decision[Receivable]:
    """The vendor received `amount`. More than is due, and money for a closed registration, are recorded too:
    they are here, and the desk decides what becomes of them."""
    receipt = Receipt(
        id=ids.derived("receipt", state.renewal_id, len(state.receipts) + 1),
        amount=amount,
        paid_on=paid_on,
        reference=reference,
        recorded_by=by,
        recorded_at=now,
    )
    changed = state._changed(now, receipts=(*state.receipts, receipt))
    event = PaymentRecorded(
        **event_fields(renewal.registration, now), **_receipt_fields(changed, receipt), paid_on=paid_on
    )
    return Decision(changed, (event,))


def reverse_receipt(
    state: Receivable, renewal: Renewal, receipt_id: UUID, reason: str, by: str, now: datetime
) -> Decision[Receivable]:
    """A receipt no longer counts. It stays, with the reason. Raises RenewalError for one that is unknown or
    reversed already."""
    found = next((each for each in state.receipts if each.id == receipt_id), None)
    if found is None:
        raise RenewalError("receipt-unknown")
    if found.reversal:
        raise RenewalError("receipt-reversed")
    gone = found.model_copy(update={"reversal": Reversal(reason=reason, by=by, at=now)})
    receipts = tuple(gone if each.id == receipt_id else each for each in state.receipts)
    changed = state._changed(now, receipts=receipts)
    event = PaymentReversed(
        **event_fields(renewal.registration, now), **_receipt_fields(changed, gone), reason=reason
    )
    return Decision(changed, (event,))


def _receipt_fields(state: Receivable, receipt: Receipt) -> dict[str, object]:
    return {
        "receipt_id": receipt.id,
        "amount_vnd": receipt.amount,
        "paid_vnd": state.paid,
        "total_vnd": state.amount,
    }
