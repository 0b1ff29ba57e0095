"""The rules for a list of subscriptions. Each has a stable name and a text that says what is wrong."""

from collections.abc import Mapping
from pathlib import Path

from pydantic_core import PydanticCustomError

from shared.text import rules
from shared.text.i18n import Text, TextCatalogue

_TEXTS = TextCatalogue(Path(__file__).parent / "texts")
_RULES = _TEXTS.part("rule")
_FORMATS = {
    **_TEXTS.part("format"),
    "tax_code": rules.TEXTS["tax_code_format"],
    "budget_code": rules.TEXTS["budget_code_format"],
    "contact_phone": rules.TEXTS["phone_format"],
    "contact_email": rules.TEXTS["email_format"],
}
"""The texts of the rule `format` by field."""


def rule_error(rule: str, **figures: str) -> PydanticCustomError:
    """The error that a validator raises. Its type is the rule's name, its context has the rule's figures."""
    return PydanticCustomError(rule, "{rule}", {"rule": rule, **figures})


def rule_text(rule: str, figures: Mapping[str, str], field: str = "") -> Text:
    """The rule's text for people."""
    text = _FORMATS.get(field, _RULES[rule]) if rule == "format" else _RULES[rule]
    return text.fill(**figures)
