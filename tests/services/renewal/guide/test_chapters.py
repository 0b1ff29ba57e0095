"""The chapters of the guide: each has its steps, its texts and, for a screen, its picture."""

import re

import pytest

from services.renewal.guide.chapters import NAMES, PICTURES, chapters
from services.renewal.pages.site import WORDS
from shared.text.i18n import LANGUAGES, Language

MOST_BYTES = 1_500_000
"""For all pictures: they are stored with the code."""


def test_every_chapter_has_steps_and_every_screen_a_picture() -> None:
    found = chapters()
    assert [chapter.name for chapter in found] == list(NAMES)
    assert [chapter.name for chapter in found if not chapter.steps] == []
    assert [chapter.name for chapter in found if not chapter.size] == [
        "contract",
        "resources",
        "recovery",
        "help",
    ]


def test_pictures_are_small_and_none_is_left_over() -> None:
    files = list(PICTURES.iterdir())
    assert {file.stem for file in files} <= set(NAMES)
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    assert {chapter.size[0] for chapter in chapters() if chapter.size} == {800}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_guide_quotes_stands_on_a_page(language: Language) -> None:
    texts = {key: text.pick(language) for key, text in WORDS[language].texts.items()}
    guide = {key: text for key, text in texts.items() if key.startswith("guide.")}
    labels = {text for key, text in texts.items() if key not in guide} | {"{what}"}
    quoted = {(key, label) for key, text in guide.items() for label in re.findall("“(.+?)”", text)}
    assert len(quoted) > 10
    assert sorted((key, label) for key, label in quoted if label not in labels) == []
