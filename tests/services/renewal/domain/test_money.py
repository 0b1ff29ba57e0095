"""Amounts in words, compared with a reader that works the other way: from words to a number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.money import LIMIT, Dialect, in_words

DIALECTS = [Dialect(zero, thousand) for zero in ("linh", "lẻ") for thousand in ("nghìn", "ngàn")]
_DIGIT = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_SCALE = {"tỷ": 10**9, "triệu": 10**6, "nghìn": 1000, "ngàn": 1000}


def read(words: str) -> int:
    """The amount that a Vietnamese reader hears."""
    total = group = digit = 0
    for word in words.lower().removesuffix(" đồng").split():
        if word in _DIGIT:
            group, digit = group + digit, _DIGIT[word]
        elif word == "trăm":
            group, digit = digit * 100, 0
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word == "mười":
            group, digit = group + 10, 0
        elif word in _SCALE:
            total, group, digit = total + (group + digit) * _SCALE[word], 0, 0
        else:
            assert word in ("linh", "lẻ"), word
    return total + group + digit


@given(st.integers(0, LIMIT) | st.integers(0, 10_000), st.sampled_from(DIALECTS))
def test_words_say_the_amount(amount: int, dialect: Dialect) -> None:
    words = in_words(amount, dialect)
    assert read(words) == amount
    assert words[0].isupper()
    assert words[1:] == words[1:].lower()
    assert words.endswith(" đồng")


@given(st.integers(0, LIMIT), st.sampled_from(DIALECTS))
def test_words_sound_right(amount: int, dialect: Dialect) -> None:
    words = in_words(amount, dialect).lower()
    assert not re.search(r"mươi (một|bốn|năm)\b|mười (mốt|tư|năm)\b|một mươi|không mươi", words)
    assert not re.search(r"(linh|lẻ) (mốt|tư|lăm|mười)|^(linh|lẻ)", words)
    # Every group after the first is read with its hundreds.
    for group in re.split(r" (?:tỷ|triệu|nghìn|ngàn) ?", words.removesuffix(" đồng"))[1:]:
        assert not group or " trăm" in group
    other = {"linh": "lẻ", "lẻ": "linh"}[dialect.zero_tens]
    assert other not in words.split()
    assert {"nghìn": "ngàn", "ngàn": "nghìn"}[dialect.thousand] not in words.split()


def written(amount: int, dialect: Dialect) -> str:
    """The words again, built from the digits as written, by the spelling rules alone."""
    text = f"{amount:012d}"
    said = ""
    for at, unit in ((0, "tỷ"), (3, "triệu"), (6, dialect.thousand), (9, "")):
        if text[at : at + 3] != "000":
            said += f" {_three(text[at : at + 3], dialect.zero_tens)} {unit}"
    said = re.sub(rf"^ không trăm (?:{dialect.zero_tens} )?", " ", said)
    said = " ".join(said.split()) or "không"
    return f"{said.capitalize()} đồng"


def _three(digits: str, zero: str) -> str:
    name = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
    hundreds, tens, units = (name[int(digit)] for digit in digits)
    said = f"{hundreds} trăm {tens} mươi {units}"
    for heard, right in (
        (r" không mươi không$", ""),
        (r" không mươi (?=\w+$)", f" {zero} "),
        (r" mươi không$", " mươi"),
        (r" một mươi", " mười"),
        (r"(?<=mươi|mười) năm$", " lăm"),
        (r"(?<=mươi) một$", " mốt"),
        (r"(?<=mươi) bốn$", " tư"),
    ):
        said = re.sub(heard, right, said)
    return said


@given(st.integers(0, LIMIT) | st.integers(0, 2_000), st.sampled_from(DIALECTS))
def test_words_are_those_of_the_spelling_rules(amount: int, dialect: Dialect) -> None:
    assert in_words(amount, dialect) == written(amount, dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("power", [0, 3, 6, 9])
def test_every_group_of_three_in_every_place(power: int, dialect: Dialect) -> None:
    for group in range(1000):
        for around in (0, 10**9 + 1, 105 * 10**6):
            amount = group * 10**power + (around if around // 10**power % 1000 == 0 else 0)
            assert in_words(amount, dialect) == written(amount, dialect)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (10, "Mười đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (24, "Hai mươi tư đồng"),
        (105, "Một trăm linh năm đồng"),
        (1_015, "Một nghìn không trăm mười lăm đồng"),
        (1_000_005, "Một triệu không trăm linh năm đồng"),
        (2_000_000_000, "Hai tỷ đồng"),
        (5_300_000, "Năm triệu ba trăm nghìn đồng"),
        (1_234_567, "Một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi bảy đồng"),
        (
            999_999_999_999,
            "Chín trăm chín mươi chín tỷ chín trăm chín mươi chín triệu"
            " chín trăm chín mươi chín nghìn chín trăm chín mươi chín đồng",
        ),
    ],
)
def test_known_amounts(amount: int, words: str) -> None:
    assert in_words(amount) == words


def test_southern_dialect() -> None:
    assert in_words(1_205_000, Dialect("lẻ", "ngàn")) == "Một triệu hai trăm lẻ năm ngàn đồng"


@pytest.mark.parametrize("amount", [-1, LIMIT + 1])
def test_amounts_that_have_no_words_here(amount: int) -> None:
    with pytest.raises(ValueError):
        in_words(amount)
