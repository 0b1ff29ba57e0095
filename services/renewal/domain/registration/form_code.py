"""The code printed on a form or contract, by which the desk finds the registration when the paper comes back
by post."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.numbers import registration_number_of, value_of
from shared.text.characters import visible

# Digits only: a hand scanner types like a keyboard, and a Vietnamese input method would turn letters into
# accented ones. 16 digits fit in the smallest QR at its highest error correction, which holds 17.
_DIGITS = re.compile(r"(?P<layout>[12])(?P<value>\d{11})(?P<revision>\d\d)\d\d", re.ASCII)

QR_MODULES = 21  # width of a version 1 QR
QR_WHITE = 4  # modules of white margin on each side
QR_SIDE_MM = 22.0  # as printed, with the margin

# What a Telex input method makes of letters in numbers, where the original letters can be restored.
_TELEX = str.maketrans({"ư": "w", "đ": "dd", "â": "aa", "ê": "ee"})

PaperKind = Literal["form", "contract"]
"""What an office signs and stamps."""
_LAYOUTS: dict[PaperKind, str] = {"form": "1", "contract": "2"}

_DASH = "[-\u2010-\u2015\u2212]"
_FOUR = "([0-9A-TV-Z]{4})"
_TYPED = re.compile(
    rf"(?:GH)?[\s.]*{_DASH}?\s*{_FOUR}\s*{_DASH}?\s*{_FOUR}"
    rf"(?:\s*(?:/|{_DASH}|,?\s*(?:bản|ban|b\.?))\s*(?P<revision>[1-9][0-9]?))?",
    re.IGNORECASE,
)


def _known(number: str) -> str:
    value = value_of(number)
    if value is None or registration_number_of(value) != number:
        raise ValueError("not a registration number")
    return number


class FormCode(Frozen):
    """The code of a paper form or contract. `number` is `GH-XXXX-XXXX` with a valid check character.
    `revision` is the form's revision, or the contract's place among the registration's contracts; None where
    the code doesn't contain it."""

    number: Annotated[str, AfterValidator(_known)]
    revision: int | None = Field(ge=1, le=99)
    paper: PaperKind = "form"

    @property
    def digits(self) -> str:
        """16 digits: 1 (form) or 2 (contract); the number's 35 bits in 11 digits; the revision in 2 (00:
        none); 2 check digits.

        The check is ISO 7064 MOD 97-10, as in an IBAN. It detects every single wrong digit and every swap of
        two neighbours.
        """
        payload = f"{_LAYOUTS[self.paper]}{value_of(self.number):011d}{self.revision or 0:02d}"
        return f"{payload}{98 - int(payload) * 100 % 97:02d}"


def parse(text: str) -> FormCode | None:
    """The code that was scanned (`digits`) or typed by a person; None for other text or a wrong check.

    A typed number may lack `GH` and dashes, be in lower case, have O for 0 and I or L for 1, and end with
    its revision: `ghvswe 6oy3/2`.
    """
    return parse_digits(text) or _typed(text)


def parse_digits(text: str) -> FormCode | None:
    """The code in a QR: only the exact form of `FormCode.digits`. None for anything else."""
    found = _DIGITS.fullmatch(visible(text))
    if not found or int(found.group()) % 97 != 1:
        return None
    paper: PaperKind = "form" if found["layout"] == _LAYOUTS["form"] else "contract"
    return _code(int(found["value"]), int(found["revision"]), paper)


def _typed(text: str) -> FormCode | None:
    typed = visible(text).lower().translate(_TELEX)
    found = _TYPED.fullmatch(typed)
    if not found:
        return None
    value = value_of(f"GH-{found[1]}-{found[2]}".upper())
    return None if value is None else _code(value, int(found["revision"] or 0))


def _code(value: int, revision: int, paper: PaperKind = "form") -> FormCode | None:
    number = registration_number_of(value)
    return FormCode(number=number, revision=revision or None, paper=paper) if number else None
