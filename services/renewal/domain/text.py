"""Text as an office types it: stored composed (NFC), on one line, only letters that our fonts print."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

from services.renewal.domain.rules import broken

# Latin with all Vietnamese letters, and the punctuation that names and addresses carry. The documents'
# fonts have every one of them (a test holds the two together); anything else would print as a box.
_UNPRINTABLE = re.compile(
    "[^ -~\u00a0-\u00ac\u00ae-\u017f\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9"
    "\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ab\u2116\u2122]"
)


def clean(value: str) -> str:
    """NFC, runs of white space made one space. Raises `unprintable` naming the first bad character."""
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if bad := _UNPRINTABLE.search(text):
        raise broken("unprintable", code=f"U+{ord(bad.group()):04X}")
    return text


def fold(value: str) -> str:
    """For comparing names: without case, marks, or kinds of quote, dash and space. Never for storing."""
    text = unicodedata.normalize("NFD", value.casefold()).replace("đ", "d")
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def words(value: str) -> tuple[str, ...]:
    """The folded words, each once."""
    return tuple(dict.fromkeys(fold(value).split()))


def _filled(most: int) -> AfterValidator:
    """Clean text of 1 to `most` characters."""

    def check(value: str) -> str:
        text = clean(value)
        if not text:
            raise broken("empty")
        if len(text) > most:
            raise broken("too_long", most=str(most))
        return text

    return AfterValidator(check)


# Limits of the invoice rules (NĐ 254/2026) where they have one, ours elsewhere.
OrganisationName = Annotated[str, _filled(400)]
Address = Annotated[str, _filled(400)]
PersonName = Annotated[str, _filled(100)]
Item = Annotated[str, _filled(500)]
