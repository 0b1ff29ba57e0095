"""Names and addresses: their form for storing, their greatest lengths, and how they are compared."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

from shared.text.characters import unprintable, visible
from shared.text.rules import TEXTS, broken_rule


def clean(value: str) -> str:
    """The visible text. Raises the rule `unprintable` with the first character that cannot be printed."""
    text = visible(value)
    if bad := unprintable(text):
        raise broken_rule(TEXTS, "unprintable", code=bad)
    return text


def fold(value: str) -> str:
    """A name for comparison: without case, marks and punctuation. Never store it."""
    text = unicodedata.normalize("NFD", visible(value).casefold()).replace("đ", "d")
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def words(value: str) -> tuple[str, ...]:
    """The words of the folded name, each once."""
    return tuple(dict.fromkeys(fold(value).split()))


def required_text(most: int) -> Callable[[str], str]:
    """A validator that returns clean text of 1 to `most` characters."""

    def check(value: str) -> str:
        text = clean(value)
        if not text:
            raise broken_rule(TEXTS, "empty")
        if len(text) > most:
            raise broken_rule(TEXTS, "too_long", most=str(most))
        return text

    return check


# The limits of the invoice rules (NĐ 254/2026), or the project's own where those have none.
organisation_name = required_text(400)
address = required_text(400)
person_name = required_text(200)
package_code = required_text(50)

OrganisationName = Annotated[str, AfterValidator(organisation_name)]
Address = Annotated[str, AfterValidator(address)]
PersonName = Annotated[str, AfterValidator(person_name)]
Item = Annotated[str, AfterValidator(required_text(500))]
Reason = Annotated[str, AfterValidator(required_text(1000))]
"""A person's reason in their own words: it appears in the audit, the timeline, e-mails and logs."""
