"""Why a statement's file is refused: each fault with its line, its column and a text for people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Self

from shared.text.i18n import Text, TextCatalogue

TEXTS_FOLDER = Path(__file__).parent / "texts"
_TEXTS = TextCatalogue(TEXTS_FOLDER)
_RULES, _PLACES = _TEXTS.part("rule"), _TEXTS.part("place")
MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class StatementFault:
    """A rule that the file breaks. `row` is the line of the file or sheet, 1 is the first; None for the whole
    file. `column` is the column's heading or the field's name, or empty. Values of cells are not repeated.
    """

    rule: str
    row: int | None = None
    column: str = ""
    figures: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> Text:
        """The place and the rule's text."""
        what = _RULES[self.rule].fill(**self.figures)
        if self.row is None:
            return what
        place = _PLACES["cell" if self.column else "row"]
        return place.fill(row=self.row, column=self.column, what=what)


class StatementRefused(Exception):
    """The file is refused as a whole: of a statement that is read in part, money would be missing."""

    def __init__(self, faults: Iterable[StatementFault]) -> None:
        self.faults = tuple(faults)[:MOST_FAULTS]
        super().__init__(*(fault.rule for fault in self.faults))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[StatementFault, ...]]]:
        """So that a worker process can raise it."""
        return type(self), (self.faults,)


def refuse(rule: str, row: int | None = None, column: str = "", **figures: object) -> NoReturn:
    """Raise StatementRefused with one fault."""
    raise StatementRefused([StatementFault(rule, row, column, figures)])
