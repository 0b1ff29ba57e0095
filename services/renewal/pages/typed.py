"""What somebody typed on a page and can't be read."""

from services.renewal.domain.refusal import RenewalError
from services.renewal.texts import refusal_text
from shared.web.pages.words import PageWords


class InvalidInput(Exception):
    """What was typed can't be read. `key` is the key of the text that says so."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def why(error: RenewalError | InvalidInput, words: PageWords) -> str:
    """The text of the error, for the page."""
    return words(error.key) if isinstance(error, InvalidInput) else words.pick(refusal_text(error))
