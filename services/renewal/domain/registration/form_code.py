"""The code printed on paper that comes back by post, the form or the contract, by which it is found again."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from services.renewal.domain.contract.numbering import registration_number_of, value_of
from services.renewal.domain.frozen import Frozen
from shared.text.characters import visible

# Digits only: a hand scanner types like a keyboard, and a Vietnamese input method would turn letters into
# accented ones. 16 of them leave room in the smallest QR at its highest correction, which takes 17.
_DIGITS = re.compile(r"(?P<layout>[12])(?P<value>\d{11})(?P<revision>\d\d)\d\d", re.ASCII)

QR_MODULES = 21  # of version 1, across
QR_WHITE = 4  # modules on each side of them
QR_SIDE_MM = 22.0  # as printed, with the white

# What a Telex keyboard makes of letters that numbers have, where it can be told back.
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
    """`number`: `GH-XXXX-XXXX` with a right check character. `revision`: the form's, or which of the
    registration's contracts it is; None where it wasn't told."""

    number: Annotated[str, AfterValidator(_known)]
    revision: int | None = Field(ge=1, le=99)
    paper: PaperKind = "form"

    @property
    def digits(self) -> str:
        """16 digits: 1 (a form) or 2 (a contract), the number's 35 bits in 11, the revision in 2 (00: not
        told), a check.

        The check is ISO 7064's MOD 97-10, as in an IBAN: every wrong digit and every two neighbours
        changed about are noticed.
        """
        payload = f"{_LAYOUTS[self.paper]}{value_of(self.number):011d}{self.revision or 0:02d}"
        return f"{payload}{98 - int(payload) * 100 % 97:02d}"


def parse(text: str) -> FormCode | None:
    """The code that was scanned (`digits`) or typed by a person; None where it is neither, or checks wrong.

    Typed numbers may lack `GH` and dashes, be in lower case, have O for 0, I or L for 1, and say their
    revision: `ghvswe 6oy3/2`.
    """
    return parse_digits(text) or _typed(text)


def parse_digits(text: str) -> FormCode | None:
    """The code in a QR: what `FormCode.digits` gave, and nothing else."""
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
