"""Letter bodies about a payment: the commitment to pay by a day, reminders, and money received or given
back."""

from dataclasses import dataclass
from datetime import date

from services.notifier.domain.payment.matter import (
    AwaitedMatter,
    ClaimRefused,
    PaymentDayAccepted,
    PaymentDayExtended,
    PaymentDayRefused,
    PaymentMatter,
    PaymentNotSeen,
    PaymentReceived,
    PaymentReminder,
    PaymentTakenBack,
    ReceiptMatter,
)
from services.notifier.domain.reason import NoticeReason
from services.notifier.domain.situation import Level
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from services.notifier.email.letter_body import LetterBody, Rows, text_row, transfer_rows
from services.notifier.words import Words
from shared.situation import Turn
from shared.text.amounts import vnd


@dataclass(frozen=True, slots=True)
class _PaymentPhrases:
    """Phrases in the language of `words`. `product` is the product's name in it."""

    words: Words
    product: str
    number: str

    def say(self, key: str, **values: object) -> str:
        return self.words.say(key, {"product": self.product, "number": self.number, **values})

    def row(self, name: str, value: str) -> tuple[str, str]:
        return self.words.say(f"row.{name}"), value

    def reason_row(self, why: str) -> Rows:
        return text_row(self.words.say("row.why"), why)

    @property
    def rows(self) -> Rows:
        return self.row("product", self.product), self.row("registration", self.number)


def payment_body(
    words: Words, product: str, matter: PaymentMatter, subscription: SubscriptionStatus | None, today: date
) -> LetterBody:
    """The body in the language of `words`, true on `today`. `product` is the product's name in it."""
    found = subscription.renewals.get(matter.renewal_id) if subscription else None
    known = found or RegistrationProgress()
    phrases = _PaymentPhrases(words, product, matter.registration_no)
    match matter:
        case PaymentDayAccepted() | PaymentDayExtended():
            return _day_body(phrases, matter, known)
        case PaymentDayRefused() | ClaimRefused():
            return _refusal_body(phrases, matter)
        case PaymentReminder() | PaymentNotSeen():
            return _awaited_body(phrases, matter, known, today)
        case PaymentReceived() | PaymentTakenBack():
            return _receipt_body(phrases, matter, known)


def _day_body(
    phrases: _PaymentPhrases, matter: PaymentDayAccepted | PaymentDayExtended, known: RegistrationProgress
) -> LetterBody:
    """The body. It states the access of the commitment only until the contract is in force."""
    days = matter.model_dump(include={"old_pay_by", "pay_by"})
    told: list[str] = [phrases.say(f"payment.{matter.reason}", **days)]
    why: Rows = ()
    if not known.issued:
        told.append(phrases.say("payment.access", day=matter.access_until))
    if isinstance(matter, PaymentDayExtended):
        told.append(phrases.say("payment.once"))
        why = phrases.reason_row(matter.why)
    return LetterBody(
        title=phrases.say(f"title.{matter.reason}", day=matter.pay_by),
        paragraphs=(*told, phrases.say("payment.how")),
        rows=(*phrases.rows, phrases.row("pay_by", phrases.words.day(matter.pay_by)), *why),
        action=Turn.PAY,
    )


def _refusal_body(phrases: _PaymentPhrases, matter: PaymentDayRefused | ClaimRefused) -> LetterBody:
    day = {"day": matter.pay_by} if isinstance(matter, PaymentDayRefused) else {}
    pay_by = (phrases.row("pay_by", phrases.words.day(matter.due_on)),) if matter.due_on else ()
    return LetterBody(
        title=phrases.say(f"title.{matter.reason}"),
        paragraphs=(
            phrases.say(f"payment.{matter.reason}", **day),
            phrases.say(f"payment.{matter.reason}_next"),
        ),
        rows=(*phrases.rows, *pay_by, *phrases.reason_row(matter.why)),
        action=Turn.PAY,
        level=Level.URGENT,
    )


def _awaited_body(
    phrases: _PaymentPhrases, matter: AwaitedMatter, known: RegistrationProgress, today: date
) -> LetterBody:
    """The body. It asks for no more than is open by the newest status: a part may have come meanwhile."""
    is_late, payment = matter.reason is NoticeReason.PAYMENT_OVERDUE, known.payment
    amount = min(matter.transfer.amount, payment.open_amount or matter.transfer.amount)
    transfer = matter.transfer.model_copy(update={"amount": amount})
    day = matter.claimed_on if isinstance(matter, PaymentNotSeen) else matter.due_on
    said = {"part": bool(payment.paid), "day": day, "days": (day - today).days}
    following = NoticeReason.PAYMENT_NOT_SEEN if is_late and payment.open_claim else matter.reason
    return LetterBody(
        title=phrases.say(f"title.{matter.reason}", **said),
        paragraphs=(
            phrases.say(f"payment.{matter.reason}", **said),
            *(_consequences(phrases, known) if is_late else ()),
            phrases.say(f"payment.{following}_next"),
        ),
        rows=(*phrases.rows, *transfer_rows(phrases.words, transfer)),
        action=Turn.PAY,
        level=Level.WARNING if matter.reason is NoticeReason.PAYMENT_DUE else Level.URGENT,
    )


def _consequences(phrases: _PaymentPhrases, known: RegistrationProgress) -> list[str]:
    """What a missed day means: the end of what a commitment alone gave, and nothing for the contract."""
    claimed, until = known.payment.open_claim, known.payment.access_until
    told = [phrases.say("payment.claimed", day=claimed)] if claimed else []
    if known.issued:
        return [*told, phrases.say("payment.contract_stays")]
    return [*told, phrases.say("payment.access_ends", day=until)] if until else told


def _receipt_body(phrases: _PaymentPhrases, matter: ReceiptMatter, known: RegistrationProgress) -> LetterBody:
    amount, left = vnd(matter.amount), matter.total - matter.paid
    day = {"day": matter.received_on} if isinstance(matter, PaymentReceived) else {}
    standing = "closed" if known.closed else "open" if left > 0 else "over" if left < 0 else "complete"
    sums = phrases.say("payment.sums", paid=vnd(matter.paid), total=vnd(matter.total))
    return LetterBody(
        title=phrases.say(f"title.{matter.reason}"),
        paragraphs=(
            phrases.say(f"payment.{matter.reason}", amount=amount, **day),
            f"{sums} {phrases.say(f'payment.{standing}', amount=vnd(abs(left)))}",
        ),
        rows=(
            *phrases.rows,
            phrases.row("amount", amount),
            *(phrases.reason_row(matter.why) if isinstance(matter, PaymentTakenBack) else ()),
        ),
        action=None if known.closed else Turn.PAY,
        level=Level.WARNING if matter.reason is NoticeReason.PAYMENT_CORRECTED else Level.INFO,
    )
