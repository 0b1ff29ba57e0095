"""The texts of dossiers for people."""

from collections.abc import Mapping
from pathlib import Path

from services.renewal.domain.dossier.papers import REPORTS, DossierPaper
from shared.text.i18n import Language, Text, TextCatalogue
from shared.web.pages.words import PageWords, page_words

CATALOGUE = TextCatalogue(Path(__file__).parent / "texts")
WORDS: Mapping[Language, PageWords] = page_words(CATALOGUE)


def paper_text(what: str, source: str, revision: int | None, media_type: str) -> Text:
    """What a paper is. A signed form that came by post is called the stamped form. A report is there twice:
    to be read, and as data."""
    stamped = what == "signed_form" and source == "posted"
    data = "_data" if what in REPORTS.values() and media_type == "application/json" else ""
    name = CATALOGUE.texts[f"paper.{'stamped_form' if stamped else what}{data}"]
    return CATALOGUE.both("dossier.numbered", name=name, n=revision) if revision else name


def text_of(paper: DossierPaper) -> Text:
    return paper_text(paper.what, paper.source, paper.revision, paper.document.media_type)
