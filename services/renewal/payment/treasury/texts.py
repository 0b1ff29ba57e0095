"""The papers' names, and when each is needed."""

from pathlib import Path

from services.renewal.domain.payment.treasury_paper import TreasuryPaper
from shared.text.i18n import Text, TextCatalogue

_TEXTS = TextCatalogue(Path(__file__).parent / "texts")
PAGE = _TEXTS.part("page")
NAMES: dict[str, Text] = _TEXTS.part("name")
NEEDED: dict[str, Text] = _TEXTS.part("needed")


def file_name(paper: TreasuryPaper, number: str) -> str:
    return f"{_TEXTS.texts[f'file.{paper}'].vi}-{number}.pdf"
