"""What a letter about a form says of the other products on it."""

from collections.abc import Sequence
from dataclasses import replace

from services.notifier.domain.matter import ContractMatter, Registered
from services.notifier.domain.notice import Notice
from services.notifier.domain.payment.matter import PaymentMatter
from services.notifier.domain.registration_matter import AddressChanged, FormMatter, RegistrationClosed
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.email.letter_body import LetterBody
from services.notifier.words import Words

WholeFormMatter = AddressChanged | FormMatter | RegistrationClosed | PaymentMatter
"""Matters of the form with all products on it. Its receipt, and a contract over several products, name them
with their terms; a restated term is one product's."""


def other_products(notice: Notice, subscription: SubscriptionStatus | None) -> tuple[str, ...]:
    """The codes of the other products that the letter is about."""
    matter = notice.matter
    if isinstance(matter, Registered | ContractMatter):
        return tuple(each.product_code for each in matter.joined)
    left_out = isinstance(matter, RegistrationClosed) and matter.others_no is not None
    if subscription is None or left_out or not isinstance(matter, WholeFormMatter):
        return ()
    known = subscription.renewals.get(matter.renewal_id)
    return known.joined if known else ()


def products_named(words: Words, notice: Notice, subscription: SubscriptionStatus | None) -> str:
    """The notice's product and, in short, the others."""
    product, others = words.product(notice.product_code), other_products(notice, subscription)
    if not others:
        return product
    values = {"product": product, "n": len(others), "other": words.product(others[0])}
    return words.say("product.with_others", values)


def with_products(body: LetterBody, words: Words, others: Sequence[str]) -> LetterBody:
    """The body with a row for each of the other products, after the registration's number."""
    rows = [(words.say("row.joined"), words.product(code)) for code in others]
    place = 1 + [label for label, _ in body.rows].index(words.say("row.registration"))
    return replace(body, rows=(*body.rows[:place], *rows, *body.rows[place:]))
