"""The matters of notices about a payment: the commitment to pay by a day, reminders, and money received or
given back. Amounts are in đồng. A clerk's text is not changed."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.notifier.domain.payment.progress import PaymentProgress
from services.notifier.domain.reason import NoticeReason
from services.notifier.domain.registration_matter import RegistrationMatter
from shared.events.commitment import (
    CommitmentAccepted,
    CommitmentExtended,
    CommitmentRefused,
    PaymentAwaited,
)
from shared.events.order import TransferDetails
from shared.events.payment import PaymentClaimRefused, PaymentRecorded, PaymentReversed


class _PaymentMatter(RegistrationMatter):
    term: None = None


class _CommitmentMatter(_PaymentMatter):
    """A decision about a commitment is made once a day to pay."""

    pay_by: date

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.pay_by.isoformat()}"


class PaymentDayAccepted(_CommitmentMatter):
    """A clerk accepts the day. `access_until`: the last day of access without a contract in force."""

    reason: Literal[NoticeReason.COMMITMENT_ACCEPTED] = NoticeReason.COMMITMENT_ACCEPTED
    access_until: date


class PaymentDayRefused(_CommitmentMatter):
    """The office pays by `due_on`; None in notices of older releases."""

    reason: Literal[NoticeReason.COMMITMENT_REFUSED] = NoticeReason.COMMITMENT_REFUSED
    why: str
    due_on: date | None = None


class PaymentDayExtended(_CommitmentMatter):
    reason: Literal[NoticeReason.COMMITMENT_EXTENDED] = NoticeReason.COMMITMENT_EXTENDED
    old_pay_by: date
    access_until: date
    why: str


class PaymentReminder(_PaymentMatter):
    """The last day to pay comes, or has passed. `reminder` counts from one again for another day."""

    reason: Literal[NoticeReason.PAYMENT_DUE, NoticeReason.PAYMENT_OVERDUE]
    due_on: date
    reminder: int
    transfer: TransferDetails

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.due_on.isoformat()} {self.reminder}"


class PaymentNotSeen(_PaymentMatter):
    """The office says that it paid on `claimed_on`, and the vendor has not seen the money. `reminder` differs
    for each time that the office said so."""

    reason: Literal[NoticeReason.PAYMENT_NOT_SEEN] = NoticeReason.PAYMENT_NOT_SEEN
    claimed_on: date
    reminder: int
    transfer: TransferDetails

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.claimed_on.isoformat()} {self.reminder}"


class ClaimRefused(_PaymentMatter):
    """The vendor looked for the money that the office says to have paid, and did not find it. `due_on`: a
    last day to pay that is new."""

    reason: Literal[NoticeReason.CLAIM_REFUSED] = NoticeReason.CLAIM_REFUSED
    why: str
    due_on: date | None = None
    told_at: datetime

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.told_at.isoformat()}"


class _ReceiptMatter(_PaymentMatter):
    """`paid` is all that has been received by then, of `total`."""

    receipt_id: UUID
    amount: int
    paid: int
    total: int

    @property
    def occasion(self) -> str:
        return str(self.receipt_id)


class PaymentReceived(_ReceiptMatter):
    reason: Literal[NoticeReason.PAYMENT_RECEIVED] = NoticeReason.PAYMENT_RECEIVED
    received_on: date


class PaymentTakenBack(_ReceiptMatter):
    """The money was given back, or had been recorded in error."""

    reason: Literal[NoticeReason.PAYMENT_REFUNDED, NoticeReason.PAYMENT_CORRECTED]
    why: str


CommitmentEvent = CommitmentAccepted | CommitmentRefused | CommitmentExtended
PaymentEvent = CommitmentEvent | PaymentAwaited | PaymentClaimRefused | PaymentRecorded | PaymentReversed
AwaitedMatter = PaymentReminder | PaymentNotSeen
ReceiptMatter = PaymentReceived | PaymentTakenBack
PaymentMatter = (
    PaymentDayAccepted | PaymentDayRefused | PaymentDayExtended | AwaitedMatter | ClaimRefused | ReceiptMatter
)


def payment_matter(event: PaymentEvent) -> PaymentMatter:
    """Raises ValueError for a payment that is awaited without its day."""
    identity = event.model_dump(include={"renewal_id", "registration_no"})
    match event:
        case CommitmentAccepted():
            return PaymentDayAccepted(**identity, pay_by=event.pay_by, access_until=event.access_until)
        case CommitmentRefused():
            days = event.model_dump(include={"pay_by", "due_on"})
            return PaymentDayRefused(**identity, **days, why=event.reason)
        case CommitmentExtended():
            days = event.model_dump(include={"old_pay_by", "pay_by", "access_until"})
            return PaymentDayExtended(**identity, **days, why=event.reason)
        case PaymentAwaited():
            return _awaited_matter(event)
        case PaymentClaimRefused():
            told = {"why": event.reason, "due_on": event.due_on, "told_at": event.occurred_at}
            return ClaimRefused(**identity, **told)
        case PaymentRecorded() | PaymentReversed():
            return _receipt_matter(event)


def _awaited_matter(event: PaymentAwaited) -> AwaitedMatter:
    common = event.model_dump(include={"renewal_id", "registration_no", "reminder"})
    if event.why == "not_seen":
        if event.claimed_on is None:
            raise ValueError("a payment that isn't seen, without its day")
        return PaymentNotSeen(**common, claimed_on=event.claimed_on, transfer=event.transfer)
    if event.due_on is None:
        raise ValueError("a payment that is due on no day")
    reason = NoticeReason.PAYMENT_DUE if event.why == "due" else NoticeReason.PAYMENT_OVERDUE
    return PaymentReminder(**common, reason=reason, due_on=event.due_on, transfer=event.transfer)


def _receipt_matter(event: PaymentRecorded | PaymentReversed) -> ReceiptMatter:
    paid, total = event.asked_of_office
    common = {
        **event.model_dump(include={"renewal_id", "registration_no", "receipt_id"}),
        "amount": event.amount_vnd,
        "paid": paid,
        "total": total,
    }
    if isinstance(event, PaymentRecorded):
        return PaymentReceived(**common, received_on=event.received_on)
    reason = NoticeReason.PAYMENT_REFUNDED if event.refunded else NoticeReason.PAYMENT_CORRECTED
    return PaymentTakenBack(**common, reason=reason, why=event.reason)


def is_obsolete(matter: PaymentMatter, payment: PaymentProgress, today: date, *, closed: bool) -> bool:
    """Whether the notice is no longer true on `today`. `closed`: the registration is. A receipt stays true
    unless it was recorded in error."""
    if isinstance(matter, PaymentTakenBack):
        return False
    if isinstance(matter, PaymentReceived):
        return matter.receipt_id in payment.misrecorded
    if closed or payment.is_complete:
        return True
    match matter:
        case PaymentDayAccepted() | PaymentDayExtended():
            return matter.pay_by < today or payment.pay_by not in (None, matter.pay_by)
        case PaymentDayRefused():
            return payment.commitment == "accepted"
        case PaymentReminder():
            return _is_repeated(matter, payment) or (
                matter.reason is NoticeReason.PAYMENT_DUE
                and (matter.due_on < today or payment.open_claim is not None)
            )
        case PaymentNotSeen():
            return payment.claim_refused or payment.claimed_on not in (None, matter.claimed_on)
        case ClaimRefused():
            return False


def _is_repeated(matter: PaymentReminder, payment: PaymentProgress) -> bool:
    """Whether a newer reminder came, or the office has another day to pay."""
    if payment.pay_by == matter.due_on:
        return payment.reminded > matter.reminder
    return payment.pay_by is not None
