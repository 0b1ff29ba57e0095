"""The search keys of an office: the words of its name, its codes, phone and e-mail."""

import re

from pydantic_core import PydanticCustomError

from services.renewal.domain.licence import LicenceCopy
from shared.text.characters import digits, harmless, visible
from shared.text.identifiers import phone
from shared.text.names import fold, words

_NUMBER = re.compile(r"\+?(\d{3,})", re.ASCII)


def office_keys(licence: LicenceCopy) -> tuple[str, ...]:
    """The office's keys, folded, without duplicates. A search matches keys that begin with its words."""
    texts = (licence.office_ref, licence.contact_email)
    keys = [*words(licence.name), *(word for text in texts for word in words(text))]
    keys += [visible(text).casefold() for text in texts]
    keys += [digits(number).lstrip("+") for number in licence.numbers]
    return tuple(dict.fromkeys(filter(None, keys)))


def sought_keys(text: str) -> list[tuple[str, ...]]:
    """The possible readings of the typed text. An office matches where it has all keys of one reading."""
    typed = harmless(text)
    if "@" in typed:
        return [(typed.casefold(),)]
    ways = [tuple(sorted(fold(typed).split(), key=len, reverse=True)), (typed.casefold(),)]
    if number := _NUMBER.fullmatch(re.sub(r"[()]", "", digits(typed))):
        ways += [(number[1],), *_at_home(typed, number[1])]
    return [way for way in dict.fromkeys(ways) if way and all(way)]


def _at_home(typed: str, number: str) -> list[tuple[str, ...]]:
    """A phone number, or its beginning, in national form (with a leading 0)."""
    try:
        return [(digits(phone(typed)).lstrip("+"),)]
    except PydanticCustomError:
        return [(f"0{number[2:]}",)] if number.startswith("84") and len(number) > 4 else []
