"""The two numbers that people quote: the registration's and the contract's."""

from functools import reduce
from uuid import UUID

from pydantic import Field

from services.renewal.domain.frozen import Frozen

# Crockford's base 32: no I, L, O or U. Check characters come from this alphabet too; Crockford's five extra
# ones (`*~$=U`) are hard to read out over the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


_MISREAD = str.maketrans("OIL", "011")
_VALUES = 2**35


def registration_number(renewal_id: UUID) -> str:
    """The registration's number `GH-XXXX-XXXX`: 35 bits of the renewal's id and a check character.

    The check (mod 37) detects one wrong character and a swap of two. The number isn't unique by itself: an
    index of the store makes it so, and a renewal whose number is taken gets another id.
    """
    value = renewal_id.int >> 93
    while not (number := registration_number_of(value)):
        value = (value + 1) % _VALUES
    return number


def registration_number_of(value: int) -> str | None:
    """The number whose 35 bits are `value`; None where no number has them."""
    if not 0 <= value < _VALUES or value % 37 >= len(_ALPHABET):
        return None
    code = _encode(value) + _ALPHABET[value % 37]
    return f"GH-{code[:4]}-{code[4:]}"


def value_of(number: str) -> int | None:
    """The 35 bits of a `GH-XXXX-XXXX` in capitals, O read as 0, I and L as 1; None where the check fails."""
    code = "".join(number.removeprefix("GH-").split("-")).translate(_MISREAD)
    if len(code) != 8 or not set(code) <= set(_ALPHABET):
        return None
    value = reduce(lambda so_far, letter: so_far * 32 + _ALPHABET.index(letter), code[:-1], 0)
    return value if value % 37 == _ALPHABET.index(code[-1]) else None


def _encode(value: int) -> str:
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(30, -1, -5))


class ContractNumber(Frozen):
    """A contract's number. Numbers are gapless within a year, and none is used twice."""

    year: int
    n: int = Field(ge=1)

    def __str__(self) -> str:
        return f"{self.n:06d}/{self.year}/HĐ-GH"
