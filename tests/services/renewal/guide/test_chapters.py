"""The chapters of the guide: each has its steps, its texts and, for a screen, its picture."""

from services.renewal.guide.chapters import NAMES, PICTURES, chapters

MOST_BYTES = 1_500_000
"""For all pictures: they are stored with the code."""


def test_every_chapter_has_steps_and_every_screen_a_picture() -> None:
    found = chapters()
    assert [chapter.name for chapter in found] == list(NAMES)
    assert [chapter.name for chapter in found if not chapter.steps] == []
    assert [chapter.name for chapter in found if not chapter.size] == ["help"]


def test_pictures_are_small_and_none_is_left_over() -> None:
    files = list(PICTURES.iterdir())
    assert {file.stem for file in files} <= set(NAMES)
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    assert {chapter.size[0] for chapter in chapters() if chapter.size} == {800}
