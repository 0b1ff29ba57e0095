"""Text as an office types it: stored composed (NFC), on one line, only letters that our fonts print."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

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


# Limits in characters: those of the invoice rules (docs/reference/registration.md), ours elsewhere.
OrganisationName = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=400)]
Address = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=400)]
PersonName = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=100)]
Item = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=500)]
