"""Reads a reason that somebody typed, by the rules of all free texts."""

from pydantic import TypeAdapter, ValidationError

from shared.text.i18n import Text
from shared.text.names import Item
from shared.web.pages.words import PageWords

_ITEM: TypeAdapter[str] = TypeAdapter(Item)


def read(typed: str, empty: str, words: PageWords) -> tuple[str, str]:
    """The text as it is stored, and "" or the error that the page shows. `empty` is the key of the error for
    a missing text."""
    try:
        return _ITEM.validate_python(typed), ""
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
    context = first["ctx"]
    if first["type"] == "empty":
        return typed, words(empty)
    return typed, words.pick(Text(context["vi"], context["en"]))
