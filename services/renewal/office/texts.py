"""The texts of the office's progress line, lock screen and history, in texts/*.toml."""

from pathlib import Path

from services.renewal.domain.resources.picture import GrantState
from shared.text.i18n import Text, TextCatalogue

CATALOGUE = TextCatalogue(Path(__file__).parent / "texts")
POINTS, NEXT_STEPS, COLUMNS = (CATALOGUE.part(part) for part in ("progress", "step", "column"))
SHEET, BY_DESK = CATALOGUE.both("sheet.title").vi, CATALOGUE.both("sheet.by_desk")
_GRANTS = TextCatalogue(Path(__file__).parents[1] / "resources/texts")


def grant_text(state: GrantState) -> Text:
    """How the resources stand, with the day as a spreadsheet sorts it."""
    return _GRANTS.texts[f"grants.status_{state.status}"].fill(day=state.on or "")
