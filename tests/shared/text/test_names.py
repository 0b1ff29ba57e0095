import unicodedata
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from shared.text.names import clean, fold

FONTS = Path(__file__).parents[3] / "services/renewal/render/fonts"
NAME = "Trường Tiểu học Đặng Trần Côn – Cơ sở “2” (Hà Nội)"


def test_decomposed_name_becomes_composed() -> None:
    assert clean(f"  {unicodedata.normalize('NFD', NAME)} \n") == NAME


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Trường 🏫", "U+1F3EB"),
        ("Phòng ● GD", "U+25CF"),
        ("學校", "U+5B78"),
        ("a\u0000b", "U+0000"),
    ],
)
def test_unprintable_character_is_refused_with_its_code(text: str, code: str) -> None:
    with pytest.raises(PydanticCustomError) as error:
        clean(text)
    assert error.value.type == "unprintable"
    assert error.value.context
    assert code in error.value.context["vi"]


@given(st.text(max_size=20))
def test_accepted_text_is_in_every_face_of_the_font(text: str) -> None:
    try:
        normalised = clean(text)
    except PydanticCustomError:
        return
    assert all(ord(letter) in _letters() for letter in normalised)
    assert clean(normalised) == normalised


def test_every_accepted_letter_is_in_every_face_of_the_font() -> None:
    passing = {code for code in range(0x21, 0x3000) if _passes(chr(code))}
    assert passing <= _letters()
    assert set(map(ord, "ẢãợđĐỹ’–“”…×§&<>@₫")) <= passing


def test_names_are_compared_folded() -> None:
    assert fold("TRƯỜNG  TIỂU HỌC KIM ĐỒNG") == fold(
        unicodedata.normalize("NFD", "Trường Tiểu học Kim Đồng ")
    )
    assert fold("Sở Y tế – “Hà Nội”") == fold("Sở Y tế - 'Hà Nội'")
    assert fold("Ðại học Ðà Nẵng") == fold("Đại học Đà Nẵng")
    assert fold("Trường A") != fold("Trường B")


def _passes(letter: str) -> bool:
    try:
        return clean(letter) == letter
    except PydanticCustomError:
        return False


@cache
def _letters() -> set[int]:
    faces = [set(TTFont(path).getBestCmap()) for path in sorted(FONTS.glob("*.ttf"))]
    assert len(faces) == 4
    return set.intersection(*faces)
