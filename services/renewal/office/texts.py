"""The texts of the office's progress line and lock screen, in texts/*.toml."""

from pathlib import Path

from shared.text.i18n import TextCatalogue

CATALOGUE = TextCatalogue(Path(__file__).parent / "texts")
POINTS, NEXT_STEPS = CATALOGUE.part("progress"), CATALOGUE.part("step")
