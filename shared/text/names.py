"""Names and addresses: how they are kept, within which lengths, and how they are compared."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

from shared.text.characters import unprintable, visible
from shared.text.rules import TEXTS, broken_rule


def clean(value: str) -> str:
    """The visible text. Raises `unprintable` naming the first character that can't be printed."""
    text = visible(value)
    if bad := unprintable(text):
        raise broken_rule(TEXTS, "unprintable", code=bad)
    return text


def fold(value: str) -> str:
    """For comparing names: without case, marks, or kinds of quote, dash and space. Never for storing."""
    text = unicodedata.normalize("NFD", visible(value).casefold()).replace("đ", "d")
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def words(value: str) -> tuple[str, ...]:
    """The folded words, each once."""
    return tuple(dict.fromkeys(fold(value).split()))


def filled(most: int) -> Callable[[str], str]:
    """A check that gives clean text of 1 to `most` characters."""

    def check(value: str) -> str:
        text = clean(value)
        if not text:
            raise broken_rule(TEXTS, "empty")
        if len(text) > most:
            raise broken_rule(TEXTS, "too_long", most=str(most))
        return text

    return check


# Limits of the invoice rules (NĐ 254/2026) where they have one, ours elsewhere.
organisation_name = filled(400)
address = filled(400)
person_name = filled(200)
package_code = filled(50)

OrganisationName = Annotated[str, AfterValidator(organisation_name)]
Address = Annotated[str, AfterValidator(address)]
PersonName = Annotated[str, AfterValidator(person_name)]
Item = Annotated[str, AfterValidator(filled(500))]
Reason = Annotated[str, AfterValidator(filled(1000))]
"""Why a person did something, in their own words: it reaches the audit, the timeline, mails and logs."""
