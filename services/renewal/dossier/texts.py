"""The texts of dossiers for people."""

from collections.abc import Mapping
from pathlib import Path

from services.renewal.domain.dossier.papers import DossierPaper
from shared.text.i18n import Language, Text, TextCatalogue
from shared.web.pages.words import PageWords, page_words

CATALOGUE = TextCatalogue(Path(__file__).parent / "texts")
WORDS: Mapping[Language, PageWords] = page_words(CATALOGUE)


def paper_text(what: str, source: str, revision: int | None) -> Text:
    """What a paper is. A signed form that came by post is called the stamped form."""
    stamped = what == "signed_form" and source == "posted"
    name = CATALOGUE.texts[f"paper.{'stamped_form' if stamped else what}"]
    return CATALOGUE.both("dossier.numbered", name=name, n=revision) if revision else name


def text_of(paper: DossierPaper) -> Text:
    return paper_text(paper.what, paper.source, paper.revision)
