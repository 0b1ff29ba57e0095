"""The rules for texts that people type: their stable names and their error texts.

The texts are in texts/*.toml. Placeholders such as `{most}` get the rule's figures.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic_core import PydanticCustomError

from shared.text.i18n import Text, TextCatalogue

TEXTS = TextCatalogue(Path(__file__).parent / "texts").part("rule")


def broken_rule(texts: Mapping[str, Text], rule: str, **figures: str) -> PydanticCustomError:
    """The error for a validator to raise; `vi` in its context is the Vietnamese text."""
    text = texts[rule].fill(**figures)
    return PydanticCustomError(rule, "{en}", {"en": text.en, "vi": text.vi, **figures})
