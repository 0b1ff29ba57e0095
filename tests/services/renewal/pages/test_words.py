"""Texts that are missing in one language, or that a page uses and the catalogue lacks."""

import re
from pathlib import Path

import pytest

from services.renewal.domain.registration import form_fields
from services.renewal.pages import site
from services.renewal.pages.site import WORDS
from services.renewal.texts import TEXTS
from shared.situation import SituationKind
from shared.web.pages import guard, shell

VI = {key: text.vi for key, text in WORDS["vi"].texts.items()}
# Keys as templates and code name them, whole or up to a part put in: "site.name", "stage." ~ situation.
_NAMED = re.compile(r"""["']([a-z]+\.[a-z0-9_]*)["']""")
_SERVICE = Path(site.__file__).parents[1]
_SOURCES = [
    *(file for file in _SERVICE.rglob("*.html") if "pages" in file.parts),
    *Path(shell.__file__).parent.rglob("*.html"),
    Path(guard.__file__),
    *(file for file in _SERVICE.rglob("*.py") if "pages" in {file.parent.name, file.stem}),
    _SERVICE / "office/subscription_summary.py",
]
PARTS = {key.partition(".")[0] for key in VI}
NAMED = {
    key
    for file in _SOURCES
    for key in _NAMED.findall(file.read_text(encoding="utf-8"))
    if key.partition(".")[0] in PARTS and not key.endswith((".html", ".wrong", ".more", ".hint"))
}
_SAID_BY_PART = {"cancel", "recovery", "column", "sheet"}
"""reason.html speaks with either of the first two, the file of the history with all of the others."""


def test_every_text_that_a_page_names_is_there() -> None:
    assert len(NAMED) > 100
    wholes = {key for key in NAMED if not key.endswith(("_", "."))}
    fields = set(form_fields.NAMES)
    assert sorted(wholes - set(VI) - fields) == []


def test_no_text_is_left_over() -> None:
    starts = tuple(key for key in NAMED if key.endswith(("_", ".")))
    unnamed = {key for key in VI if key not in NAMED and not key.startswith(starts)}
    assert sorted(key for key in unnamed if key.partition(".")[0] not in _SAID_BY_PART) == []


@pytest.mark.parametrize("kind", SituationKind)
def test_every_situation_has_its_title_and_its_notice(kind: SituationKind) -> None:
    assert f"stage.{kind}" in VI
    assert f"notice.{kind}" in VI


def test_words_to_avoid_are_avoided() -> None:
    """The glossary's list of words to avoid: an accountant misreads them, or they are the vendor's jargon."""
    avoided = (
        "hết hạn hôm nay",
        "thuê bao",
        "tài nguyên tạm",
        "ĐVQHNS",
        "hóa đơn tài chính",
    )
    everything = " ".join([*VI.values(), *(text.vi for text in TEXTS.texts.values())])
    assert [word for word in avoided if word in everything] == []


def test_a_missing_value_is_an_error_and_not_a_hole_in_the_sentence() -> None:
    with pytest.raises(KeyError):
        WORDS["vi"]("notice.expiring", product="QLTS")
