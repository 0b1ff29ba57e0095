"""The code of a paper form: a scanned or typed text is read as the printed code, or not at all."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.renewal.domain.numbers import registration_number, value_of
from services.renewal.domain.registration.form_code import FormCode, parse, parse_digits

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = FormCode(number="GH-VSWE-60Y3", revision=2)
numbers = st.uuids().map(registration_number)
codes = st.builds(FormCode, number=numbers, revision=st.none() | st.integers(1, 99))


def swapped(text: str, at: int) -> str:
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


@given(codes)
def test_what_is_printed_comes_back(code: FormCode) -> None:
    assert re.fullmatch(r"1[0-9]{15}", code.digits)
    assert parse(code.digits) == parse_digits(f"{code.digits}\n") == code


@given(codes, st.integers(0, 15), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_refused(code: FormCode, at: int, digit: str) -> None:
    wrong = code.digits[:at] + digit + code.digits[at + 1 :]
    assert (parse(wrong) is None) == (wrong != code.digits)


@given(codes, st.integers(0, 14))
def test_two_digits_changed_about_are_refused(code: FormCode, at: int) -> None:
    wrong = swapped(code.digits, at)
    assert (parse(wrong) is None) == (wrong != code.digits)


@given(codes, st.sampled_from(["/{}", "-{}", " – {}", ", bản {}", ", BẢN {}"]))
def test_what_is_typed_comes_back(code: FormCode, with_revision: str) -> None:
    revision = with_revision.format(code.revision) if code.revision else ""
    assert parse(code.number + revision) == code


@pytest.mark.parametrize(
    "typed",
    [
        "GH-VSWE-60Y3",
        " gh-vswe-60y3 ",
        "ghvswe60y3",
        "VSWE-60Y3",
        "vswe60y3",
        "GH VSWE 60Y3",
        "GH-VSWE-6OY3",
        "GH–VSWE–60Y3",
        "gh-vsưe-60y3",
    ],
)
def test_careless_typing_is_understood(typed: str) -> None:
    assert parse(typed) == FormCode(number="GH-VSWE-60Y3", revision=None)
    assert parse(f"{typed}/2") == CODE
    assert parse_digits(typed) is None


@pytest.mark.parametrize("typed", ["GH-1111-114?", "GH-iLi1-Il4?"])
def test_i_and_l_are_read_as_one(typed: str) -> None:
    (number,) = completed("GH-1111-114?")
    assert parse(typed.replace("?", number[-1])) == FormCode(number=number, revision=None)


@pytest.mark.parametrize(("meant", "typed"), [("GH-DDAA-EE1?", "ghđâê1?"), ("GH-2EEW-4DD?", "GH-2ÊƯ-4Đ?")])
def test_a_telex_keyboard_is_understood(meant: str, typed: str) -> None:
    for number in completed(meant):
        assert parse(typed.replace("?", number[-1])) == FormCode(number=number, revision=None)
    assert completed(meant)


def test_a_number_that_begins_with_gh_itself() -> None:
    (number,) = completed("GH-GHAB-CDE?")
    for typed in (number, number.removeprefix("GH-"), number.replace("-", "")):
        assert parse(f"{typed}-12") == FormCode(number=number, revision=12)


def completed(number: str) -> list[str]:
    """The numbers that `number` becomes with a valid check character for its `?`."""
    possible = (number.replace("?", letter) for letter in ALPHABET)
    return [each for each in possible if value_of(each) is not None]


def test_the_printed_words_can_be_pasted_whatever_their_normal_form() -> None:
    assert parse("GH-VSWE-60Y3, bản 2") == CODE
    assert parse(unicodedata.normalize("NFD", "GH-VSWE-60Y3, bản 2")) == CODE


@given(numbers, st.integers(3, 11), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_refused(number: str, at: int, letter: str) -> None:
    wrong = number if number[at] == "-" else number[:at] + letter + number[at + 1 :]
    assert (parse(wrong) is None) == (wrong != number)


@given(numbers, st.integers(3, 10))
def test_two_letters_changed_about_are_refused(number: str, at: int) -> None:
    wrong = swapped(number, at)
    assert (parse(wrong) is None) == (wrong != number)


@given(st.text() | st.from_regex(r"(GH)?-?\w{4}-?\w{4}(/\d+)?", fullmatch=True) | st.text("0123456789"))
def test_any_text_is_a_code_or_none(text: str) -> None:
    code = parse(text)
    assert code is None or parse(code.digits) == code


@pytest.mark.parametrize("text", ["", "GH-VSWE-60Y3/0", "GH-VSWE-60Y3/100", "GH-VSWE-60Y4", "1" * 16, "GH"])
def test_what_is_no_code(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("number", "revision"),
    [("GH-VSWE-60Y4", 1), ("gh-vswe-60y3", 1), ("GH-VSWE-60Y3", 0), ("GH-VSWE-60Y3", 100)],
)
def test_no_code_is_made_of_what_cannot_be_printed(number: str, revision: int) -> None:
    with pytest.raises(ValidationError):
        FormCode(number=number, revision=revision)
