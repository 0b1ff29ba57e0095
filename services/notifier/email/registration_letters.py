"""Letter bodies about a registration: its form, signed or stamped, and its closure by the vendor."""

from services.notifier.domain.registration_matter import (
    AddressChanged,
    CopyRefused,
    FormMatter,
    FormRestated,
    PaperAwaited,
    PaperReceived,
    PaperReturned,
    RegistrationClosed,
    SignatureAwaited,
)
from services.notifier.domain.situation import Level
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.email.letter_body import LetterBody, Rows, text_row
from services.notifier.words import Words
from shared.situation import Turn


def form_body(
    words: Words, product: str, matter: FormMatter, subscription: SubscriptionStatus | None
) -> LetterBody:
    """The body in the language of `words`. `product` is the product's name in it."""
    match matter:
        case SignatureAwaited():
            return _reminder_body(words, product, matter, Turn.SIGN)
        case PaperAwaited():
            return _reminder_body(words, product, matter, Turn.SEND_PAPER)
        case PaperReceived():
            return _receipt_body(words, product, matter, _turn(matter, subscription))
        case PaperReturned():
            return _return_body(words, product, matter)
        case CopyRefused():
            return _refused_copy_body(words, product, matter, subscription)


def address_change_body(words: Words, product: str, matter: AddressChanged) -> LetterBody:
    values = {"product": product, "number": matter.registration_no}
    return LetterBody(
        title=words.say("title.address_changed"),
        paragraphs=(words.say("body.address_changed", values), words.say("body.address_changed_next")),
        rows=_rows(words, product, matter),
        action=None,
        level=Level.WARNING,
    )


def _reminder_body(
    words: Words, product: str, matter: SignatureAwaited | PaperAwaited, action: Turn
) -> LetterBody:
    values, reason = {"product": product, "days": matter.days_waited}, matter.reason
    return LetterBody(
        title=words.say(f"title.{reason}"),
        paragraphs=(words.say(f"body.{reason}", values), words.say(f"body.{reason}_next")),
        rows=_rows(words, product, matter),
        action=action,
        level=Level.WARNING,
    )


def _turn(matter: FormMatter | FormRestated, subscription: SubscriptionStatus | None) -> Turn:
    """What has to happen next, by the newest status."""
    known = subscription.renewals.get(matter.renewal_id) if subscription else None
    return known.turn if known and known.is_open else Turn.VENDOR


def _receipt_body(words: Words, product: str, matter: PaperReceived, turn: Turn) -> LetterBody:
    values = {"product": product, "day": matter.received_on}
    return LetterBody(
        title=words.say("title.paper_received"),
        paragraphs=(words.say("body.paper_received", values),),
        rows=(*_rows(words, product, matter), (words.say("row.received_on"), words.day(matter.received_on))),
        action=turn if turn is Turn.CONFIRM else None,
    )


def _return_body(words: Words, product: str, matter: PaperReturned) -> LetterBody:
    values = {"product": product, "why": words.say(f"returned.{matter.why}")}
    return LetterBody(
        title=words.say("title.paper_returned"),
        paragraphs=(words.say("body.paper_returned", values), words.say("body.paper_returned_next")),
        rows=(*_rows(words, product, matter), *text_row(words.say("row.note"), matter.note)),
        action=Turn.SEND_PAPER,
        level=Level.URGENT,
    )


def _refused_copy_body(
    words: Words, product: str, matter: CopyRefused, subscription: SubscriptionStatus | None
) -> LetterBody:
    """The body. It asks for the stamped form only if that is still awaited: the office may have signed."""
    known = subscription.renewals.get(matter.renewal_id) if subscription else None
    turn = known.turn if known and known.is_open else Turn.SEND_PAPER
    values = {"product": product, "day": matter.last_day}
    following = [words.say("body.copy_refused_next")] if turn is Turn.SEND_PAPER else []
    return LetterBody(
        title=words.say("title.copy_refused"),
        paragraphs=(
            words.say("body.copy_refused", values),
            words.say("body.copy_refused_ends", values),
            *following,
        ),
        rows=(*_rows(words, product, matter), *text_row(words.say("row.why"), matter.why)),
        action=None if turn is Turn.VENDOR else turn,
        level=Level.WARNING if turn is Turn.VENDOR else Level.URGENT,
    )


def restatement_body(
    words: Words, product: str, matter: FormRestated, subscription: SubscriptionStatus | None
) -> LetterBody:
    """The body: why the form has another term, and what the office does now. What it has signed or posted
    counts, unless it must first agree."""
    turn = _turn(matter, subscription)
    values = {
        "product": product,
        "old_basis": matter.old_basis,
        "basis": matter.basis,
        "revision": matter.form_revision,
        "number": matter.form_number,
    }
    term = words.say("row.term_value", {"term_from": matter.term_from, "term_to": matter.term})
    is_reversed = matter.why == "corrected" and matter.basis == matter.old_basis
    confirm = turn is Turn.CONFIRM if is_reversed else matter.confirm
    following = "body.restated_confirm" if confirm else "body.restated_counts"
    why = "back" if is_reversed else matter.why
    return LetterBody(
        title=words.say("title.form_restated"),
        paragraphs=(words.say(f"body.restated_{why}", values), words.say(following, values)),
        rows=(
            *_rows(words, product, matter),
            (words.say("row.notice"), matter.number),
            (words.say("row.term"), term),
        ),
        action=None if turn is Turn.VENDOR else turn,
        level=Level.WARNING,
    )


def closure_body(
    words: Words, product: str, matter: RegistrationClosed, subscription: SubscriptionStatus | None
) -> LetterBody:
    """The body. It asks the office to register again, unless it has done so or has its contract."""
    values = {"product": product, "number": matter.registration_no, "others": matter.others_no}
    asks = subscription is None or not (subscription.registration or subscription.contract)
    name = "left_out" if matter.others_no else str(matter.reason)
    following = "temporary_ends"
    if matter.contract_number:
        values["number"] = matter.contract_number
        name, following = "contract_void", "contract_void_next"
    paragraphs = (words.say(f"body.{name}", values), words.say(f"body.{following}"))
    why = () if matter.others_no else text_row(words.say("row.why"), matter.why)
    return LetterBody(
        title=words.say(f"title.{name}"),
        paragraphs=(*paragraphs, words.say("body.register_again")) if asks else paragraphs,
        rows=(*_rows(words, product, matter), *why),
        action=Turn.REGISTER if asks else None,
        level=Level.URGENT,
    )


def _rows(
    words: Words, product: str, matter: FormMatter | FormRestated | RegistrationClosed | AddressChanged
) -> Rows:
    return (
        (words.say("row.product"), product),
        (words.say("row.registration"), matter.registration_no),
    )
