"""Why a step is refused, by the rule's name: the HTTP status, and the text for people from texts/*.toml."""

from pathlib import Path

from shared.text.i18n import Text, TextCatalogue

_NOT_FOUND = {
    "licence-unknown",
    "registration-unknown",
    "batch-unknown",
    "entry-unknown",
    "sheet-unknown",
    "item-unknown",
    "office-unknown",
}
_INVALID = {
    "registration-invalid",
    "list-too-long",
    "paper-code-unread",
    "paper-as-printed",
    "paper-signed-digitally",
    "post-untrue",
    "upload-bad",
    "code-unknown",
}


def _status(name: str) -> int:
    """The request conflicts with the present state, unless the name is in a list above."""
    return 404 if name in _NOT_FOUND else 422 if name in _INVALID else 409


REFUSALS: dict[str, tuple[int, Text]] = {
    name: (_status(name), text)
    for name, text in TextCatalogue(Path(__file__).parent / "texts").part("refusal").items()
}
