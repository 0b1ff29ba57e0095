"""What the contract's decisions say to people, from texts/*.toml."""

from pathlib import Path

from shared.text.i18n import TextCatalogue

TEXTS = TextCatalogue(Path(__file__).parent / "texts")
