import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.numbers import ContractNumber, registration_number

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def checks(number: str) -> bool:
    """Crockford's check, computed digit by digit instead of on the whole number."""
    code = number.removeprefix("GH-").replace("-", "")
    remainder = 0
    for letter in code[:-1]:
        remainder = (remainder * 32 + ALPHABET.index(letter)) % 37
    return remainder == ALPHABET.index(code[-1])


@given(st.uuids())
def test_form_and_check_character(renewal_id: UUID) -> None:
    number = registration_number(renewal_id)
    assert re.fullmatch(r"GH-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", number)
    assert checks(number)
    assert registration_number(renewal_id) == number


@given(st.uuids(), st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_mistyped_character_is_noticed(renewal_id: UUID, place: int, letter: str) -> None:
    number = registration_number(renewal_id)
    at = [3, 4, 5, 6, 8, 9, 10, 11][place]
    mistyped = number[:at] + letter + number[at + 1 :]
    assert checks(mistyped) == (mistyped == number)


def test_contract_number() -> None:
    assert str(ContractNumber(year=2026, n=123)) == "000123/2026/HĐ-GH"
