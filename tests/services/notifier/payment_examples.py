"""Example events about the payment of a registration."""

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from shared.events.commitment import (
    CommitmentAccepted,
    CommitmentBroken,
    CommitmentExtended,
    CommitmentRefused,
    PaymentAwaited,
)
from shared.events.order import TransferDetails
from shared.events.payment import PaymentClaimed, PaymentClaimRefused, PaymentRecorded, PaymentReversed
from shared.ids import derived
from tests.services.notifier import examples as ex

TODAY = ex.NOON.date()
PAY_BY = TODAY + timedelta(days=7)
ACCESS_UNTIL = TODAY + timedelta(days=14)
LATER_DAY = PAY_BY + timedelta(days=21)
TOTAL = 2_400_000
TRANSFER = TransferDetails(
    bank="Ngân hàng Ví Dụ",
    account="0123456789012",
    holder="Gia Hạn Số",
    amount=TOTAL,
    memo="DK2026000123",
    vietqr=None,
    due_on=PAY_BY,
)


def _of(at: datetime = ex.NOON, name: str = "first", office_ref: str = "office-1") -> dict[str, Any]:
    named = {"renewal_id": ex.renewal_id(name), "registration_no": "DK-2026-000123"}
    return {**ex.common(at, office_ref), **named}


def day_accepted(decided_by: Literal["rule", "desk"] = "desk", **of: Any) -> CommitmentAccepted:
    days = {"pay_by": PAY_BY, "access_until": ACCESS_UNTIL}
    return CommitmentAccepted(**_of(**of), **days, decided_by=decided_by, reason="khách quen")


def day_refused(reason: str = "Ngày quá xa", **of: Any) -> CommitmentRefused:
    return CommitmentRefused(**_of(**of), pay_by=PAY_BY, reason=reason)


def day_extended(reason: str = "Chờ kho bạc", **of: Any) -> CommitmentExtended:
    days = {"old_pay_by": PAY_BY, "pay_by": LATER_DAY, "access_until": LATER_DAY + timedelta(days=7)}
    return CommitmentExtended(**_of(**of), **days, reason=reason)


def commitment_broken(**of: Any) -> CommitmentBroken:
    return CommitmentBroken(**_of(**of), pay_by=PAY_BY, open_vnd=TOTAL, total_vnd=TOTAL)


def awaited(
    why: Literal["due", "overdue", "not_seen"] = "due",
    reminder: int = 1,
    due_on: date | None = PAY_BY,
    amount: int = TOTAL,
    claimed_on: date | None = None,
    **of: Any,
) -> PaymentAwaited:
    transfer = TRANSFER.model_copy(update={"due_on": due_on, "amount": amount})
    days = {"due_on": due_on, "claimed_on": claimed_on}
    return PaymentAwaited(**_of(**of), why=why, reminder=reminder, transfer=transfer, **days)


def not_seen(claimed_on: date = TODAY, reminder: int = 1, **of: Any) -> PaymentAwaited:
    return awaited("not_seen", reminder, claimed_on=claimed_on, **of)


def claimed(paid_on: date = TODAY, **of: Any) -> PaymentClaimed:
    return PaymentClaimed(**_of(**of), paid_on=paid_on, claimed_by="office")


def claim_refused(reason: str = "Không có trong sao kê", **of: Any) -> PaymentClaimRefused:
    return PaymentClaimRefused(**_of(**of), reason=reason)


def receipt_id(number: int = 1) -> UUID:
    return derived("receipt", number)


def received(
    amount: int = TOTAL, paid: int | None = None, number: int = 1, total: int = TOTAL, **of: Any
) -> PaymentRecorded:
    sums = {"amount_vnd": amount, "paid_vnd": amount if paid is None else paid, "total_vnd": total}
    return PaymentRecorded(**_of(**of), receipt_id=receipt_id(number), **sums, received_on=TODAY)


def taken_back(
    refunded: bool = False, amount: int = TOTAL, paid: int = 0, number: int = 1, **of: Any
) -> PaymentReversed:
    sums = {"amount_vnd": amount, "paid_vnd": paid, "total_vnd": TOTAL}
    why = {"reason": "Của đơn vị khác", "refunded": refunded}
    return PaymentReversed(**_of(**of), receipt_id=receipt_id(number), **sums, **why)
