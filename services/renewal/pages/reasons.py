"""What somebody writes in their own words, read as every text of ours is."""

from pydantic import TypeAdapter, ValidationError

from services.renewal.pages.words import PageWords
from shared.text.names import Item

_ITEM: TypeAdapter[str] = TypeAdapter(Item)


def read(typed: str, empty: str, words: PageWords) -> tuple[str, str]:
    """The text as it is kept, and what is wrong with it: nothing, or why it can't be. `empty` is the key of
    what is said where there is none."""
    try:
        return _ITEM.validate_python(typed), ""
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
    told = first["ctx"]
    return typed, words(empty) if first["type"] == "empty" else words.pick((told["vi"], told["en"]))
