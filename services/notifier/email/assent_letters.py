"""Letter bodies about a contract that the office signs before the vendor does."""

from services.notifier.domain.assent_matter import (
    AssentMatter,
    ContractReceived,
    ContractReturned,
    ContractToSign,
    SigningLapsed,
)
from services.notifier.domain.situation import Level
from services.notifier.email.letter_body import LetterBody, Rows, text_row
from services.notifier.words import Words
from shared.situation import Turn


def assent_body(words: Words, product: str, matter: AssentMatter) -> LetterBody:
    """The body in the language of `words`. `product` is the product's name in it."""
    values = {"product": product, "number": matter.contract_number}
    rows: Rows = (
        (words.say("row.product"), product),
        (words.say("row.registration"), matter.registration_no),
        (words.say("row.contract"), matter.contract_number),
    )
    match matter:
        case ContractToSign():
            return _signing_request(words, matter, values, rows)
        case ContractReturned():
            why = {"why": words.say(f"returned.{matter.why}")}
            return _signing_request(
                words, matter, values | why, (*rows, *text_row(words.say("row.note"), matter.note))
            )
        case ContractReceived():
            received = values | {"day": matter.received_on}
            title, body = words.say("title.contract_received"), words.say("body.contract_received", received)
            return LetterBody(title, (body,), rows, action=None)
        case SigningLapsed():
            lapsed = values | {"day": matter.sign_by}
            title, body = words.say("title.contract_lapsed"), words.say("body.contract_lapsed", lapsed)
            following = words.say("body.contract_lapsed_next")
            return LetterBody(title, (body, following), rows, action=None, level=Level.URGENT)


def _signing_request(
    words: Words, matter: ContractToSign | ContractReturned, values: dict[str, str], rows: Rows
) -> LetterBody:
    ways = words.say("body.contract_ways", {"day": matter.sign_by})
    return LetterBody(
        title=words.say(f"title.{matter.reason}"),
        paragraphs=(words.say(f"body.{matter.reason}", values), ways),
        rows=(*rows, (words.say("row.sign_by"), words.day(matter.sign_by))),
        action=Turn.ASSENT,
        level=Level.URGENT,
    )
