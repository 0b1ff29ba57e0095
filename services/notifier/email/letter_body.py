"""The body of a letter in one language."""

from dataclasses import dataclass

from services.notifier.domain.situation import Level
from services.notifier.email.mime import one_line
from services.notifier.words import Words
from shared.events.order import TransferDetails
from shared.situation import Turn
from shared.text import amounts

_LONGEST_TEXT = 500
Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LetterBody:
    """`rows` are labels and values. `action` is what the button offers; None: it only opens the page."""

    title: str
    paragraphs: tuple[str, ...]
    rows: Rows
    action: Turn | None
    level: Level = Level.INFO


def text_row(label: str, written: str) -> Rows:
    """A row for a text that a person wrote, cut to one line of 500 characters. None for an empty text."""
    text = one_line(written)
    if not text:
        return ()
    return ((label, text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"),)


def transfer_rows(words: Words, transfer: TransferDetails | None) -> Rows:
    """How to pay. The page has the QR: mail programs hide pictures."""
    if transfer is None:
        return ()
    names = ("holder", "account", "bank", "memo")
    rows = [(words.say(f"row.{name}"), one_line(getattr(transfer, name))) for name in names]
    if transfer.due_on:
        rows.append((words.say("row.pay_by"), words.day(transfer.due_on)))
    return ((words.say("row.amount"), amounts.vnd(transfer.amount)), *rows)
