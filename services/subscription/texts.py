"""Texts for people from texts/*.toml, by the name of the rule or the problem."""

from pathlib import Path

from shared.text.i18n import TextCatalogue

_TEXTS = TextCatalogue(Path(__file__).parent / "texts")
REFUSALS, TITLES, FIELDS = (_TEXTS.part(part) for part in ("refusal", "problem", "field"))
