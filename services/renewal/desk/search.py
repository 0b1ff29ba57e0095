"""Finds registrations by a form's code, a number, a tax code, or words of the office's name."""

import re
from dataclasses import dataclass

from services.renewal.domain.registration import form_code
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewal_indexes import JOINED_NUMBER
from services.renewal.stores.renewals import Renewals
from shared.storage.aggregate import Stored
from shared.storage.mongo import Document
from shared.text.characters import digits
from shared.text.names import words

MOST = 50
_TAX_CODE = re.compile(r"(\d{10})(\d{3})?|\d{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RegistrationSearch:
    renewals: Renewals

    async def find(self, text: str) -> list[Stored[Renewal]]:
        """At most MOST, the newest first. `text` is a form's code (scanned or typed), a registration's
        number, or a tax code, with or without dash. A unit's tax code also finds its branches. Any other text
        is words of the office's name or their beginnings, with or without diacritics."""
        if (code := form_code.parse(text)) and (
            found := await self.renewals.matching(_by_number(code.number), MOST)
        ):
            return found
        query = _by_tax_code(text) or _by_name(text)
        return await self.renewals.matching(query, MOST) if query else []


def _by_number(number: str) -> Document:
    """A joined product is found with the registration that carries its form."""
    return {"$or": [{"registration.number": number}, {JOINED_NUMBER: number}]}


def _by_tax_code(text: str) -> Document | None:
    found = _TAX_CODE.fullmatch(digits(text))
    if not found:
        return None
    written = f"{found[1]}-{found[2]}" if found[2] else found[0]
    return {"registration.office.tax_code": {"$regex": f"^{written}"}}


def _by_name(text: str) -> Document | None:
    begun = [re.compile(f"^{word}") for word in words(text)]
    return {"name_words": {"$all": begun}} if begun else None
