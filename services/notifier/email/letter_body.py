"""What a letter says in one language."""

from dataclasses import dataclass

from services.notifier.domain.situation import Level
from services.notifier.email.mime import one_line
from shared.situation import Turn

_LONGEST_TEXT = 500
Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LetterBody:
    """`rows` are labels and values; `act` words the button, None: it only opens the page."""

    title: str
    paragraphs: tuple[str, ...]
    rows: Rows
    act: Turn | None
    level: Level = Level.INFO


def text_row(label: str, written: str) -> Rows:
    """What a person wrote, on one line and cut to 500 characters; no row where that is nothing."""
    text = one_line(written)
    if not text:
        return ()
    return ((label, text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"),)
