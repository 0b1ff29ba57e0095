"""Invisible characters, look-alikes, dashes and spaces are normalised in the same way everywhere."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text.characters import code, digits, unprintable, visible

INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206f\ufe0f\ufeff\U000e0041"
)


@pytest.mark.parametrize("mark", INVISIBLE, ids=lambda mark: f"U+{ord(mark):04X}")
def test_invisible_characters_are_dropped_everywhere(mark: str) -> None:
    assert visible(f"{mark}Sở{mark} Y {mark} tế{mark}") == "Sở Y tế"
    assert code(f"{mark}0101243150{mark}-{mark}001") == "0101243150-001"


def test_letter_and_accent_with_an_invisible_mark_between_are_composed() -> None:
    assert visible("a\u200b\u0302\u0301") == "ấ"


@pytest.mark.parametrize("space", "\u00a0\u2002\u2009\u202f\u205f\u3000\u2028\t\n\r\x85")
def test_every_space_and_line_break_is_one_space(space: str) -> None:
    assert visible(f"{space}Sở{space}{space}Y{space}tế{space}") == "Sở Y tế"
    assert code(f"0101{space}243{space}150") == "0101243150"


@pytest.mark.parametrize(
    "dash",
    "-\u02d7\u05be\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u208b\u2212\u2500\u2796\u2e3a\u301c\u30fc\ufe31\ufe58\ufe63\uff0d",
)
def test_every_dash_is_one_in_a_code(dash: str) -> None:
    assert code(f"0101243150{dash}001") == "0101243150-001"
    assert digits(f"0101243150 {dash} 001") == "0101243150001"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Ðà Nẵng", "Đà Nẵng"),
        ("ðất", "đất"),
        ("Ɖất", "Đất"),
        ("\u0256ất", "đất"),
        ("D\u0335à", "Đà"),
        ("d\u0336ất", "đất"),
        ("\uff24\u0335a\u0300", "Đà"),
    ],
)
def test_look_alikes_of_d_with_stroke_become_it(typed: str, read: str) -> None:
    assert visible(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"), [("Trường\u2011A", "Trường-A"), ("5\u22126", "5-6"), ("Sở – Cục", "Sở – Cục")]
)
def test_dashes_of_names_become_printable_ones(typed: str, read: str) -> None:
    assert visible(typed) == read
    assert unprintable(visible(typed)) is None


def test_a_fullwidth_letter_keeps_its_accents() -> None:
    assert visible("\uff25\u0302\u0301") == "Ế"


@given(
    st.text(max_size=40)
    | st.text("\uff21\uff25\uff24\uff44\u0301\u0302\u0323\u0335\u00d0\u0189a", max_size=8)
)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = visible(text)
    assert visible(once) == once
    assert visible(unicodedata.normalize("NFD", once)) == once


@given(
    st.text(max_size=40)
    | st.text("\u1ebe\u1ec7\u0110D d\u0301\u0302\u0323\u0335\u0336\u00d0\u2011\uff24", max_size=8)
)
def test_a_text_that_is_composed_already_is_read_as_any_other(text: str) -> None:
    assert visible(text) == visible(f"\u200b{text}")


def test_unprintable_character_is_named() -> None:
    assert unprintable("Tổ ● Xã") == "U+25CF"
    assert unprintable("Tổ • Xã") is None
