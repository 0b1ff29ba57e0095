"""The two numbers people quote: of a registration, and of a contract."""

from uuid import UUID

from pydantic import Field

from services.renewal.domain.frozen import Frozen

# Crockford's base 32: no I, L, O or U. Only these can be check characters here; his other five
# (`*~$=U`) are awkward to read out over the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def registration_number(renewal_id: UUID) -> str:
    """`GH-XXXX-XXXX`, the same for the same renewal: 35 bits of its id and a check character.

    The check (mod 37) catches one wrong character and two changed about. Not unique by itself: the
    store holds that, and a renewal whose number is taken gets another id.
    """
    value = renewal_id.int >> 93
    while value % 37 >= len(_ALPHABET):
        value = (value + 1) % 2**35
    code = _encode(value) + _ALPHABET[value % 37]
    return f"GH-{code[:4]}-{code[4:]}"


def _encode(value: int) -> str:
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(30, -1, -5))


class ContractNumber(Frozen):
    """A contract's number: gapless within its year, given once and never reused."""

    year: int
    n: int = Field(ge=1)

    def __str__(self) -> str:
        return f"{self.n:06d}/{self.year}/HĐ-GH"
