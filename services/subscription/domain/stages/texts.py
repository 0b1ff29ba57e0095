"""The texts of stages and of their settings, from texts/*.toml."""

from pathlib import Path

from shared.text.i18n import TextCatalogue

TEXTS = TextCatalogue(Path(__file__).parent / "texts")
