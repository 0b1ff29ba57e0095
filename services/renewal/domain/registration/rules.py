"""The rules that a declaration or an upload can break: their stable names and their texts for people.

The texts are in texts/*.toml. `{most}` and the like are filled with the rule's figures.
"""

from pathlib import Path

from pydantic_core import PydanticCustomError

from shared.text import rules
from shared.text.i18n import TextCatalogue

TEXTS = {**rules.TEXTS, **TextCatalogue(Path(__file__).parent / "texts").part("rule")}


def broken(rule: str, **figures: str) -> PydanticCustomError:
    """The error that a validator raises. Its context holds the Vietnamese text as `vi`."""
    return rules.broken_rule(TEXTS, rule, **figures)
