"""Finds the transactions in a bank's sheet: titles stand above the table, and sums below it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.refusal import StatementFault, StatementRefused
from shared.spreadsheet.headers import WITHIN_ROWS, column_name
from shared.text.characters import visible

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class TableLayout:
    """`header` is the index of the line of headings, -1 without one; `end` that of the first line after the
    transactions. `places` are the columns' indices, `headings` what people call them, by the field's name.
    """

    header: int
    end: int
    places: Mapping[str, int]
    headings: Mapping[str, str]

    def lines(self, rows: Sequence[Cells]) -> Iterator[tuple[int, Cells]]:
        """The transactions with their line numbers. Headings that are repeated on each page are skipped."""
        titles = rows[self.header] if self.header >= 0 else None
        for at in range(self.header + 1, self.end):
            if any(map(visible, rows[at])) and rows[at] != titles:
                yield at + 1, rows[at]

    def named(self, cells: Cells) -> dict[str, str]:
        """The cells by the fields' names; empty where the line is too short."""
        return {name: cells[at] if at < len(cells) else "" for name, at in self.places.items()}

    def labelled(self, rows: Sequence[Cells], label: str) -> tuple[int, str] | None:
        """The line number and the value that stands beside the label, or in its cell after a colon."""
        wanted = column_name(label)
        for at in (*range(self.header), *range(self.end, len(rows))):
            filled = [cell for cell in rows[at] if visible(cell)]
            for place, cell in enumerate(filled):
                if column_name(cell).startswith(wanted):
                    value = visible(cell).partition(":")[2] or "".join(filled[place + 1 : place + 2])
                    return (at + 1, value) if value else None
        return None


def find_layout(rows: Sequence[Cells], mapping: ColumnMapping) -> TableLayout:
    """Where the table is. Raises StatementRefused with each column that isn't there, or is there twice."""
    header = _header(rows, mapping) if mapping.header_row is None else mapping.header_row - 1
    titles = list(map(column_name, rows[header])) if 0 <= header < len(rows) else []
    places, faults = {}, []
    for name, place in mapping.places.items():
        if isinstance(place, int):
            places[name] = place - 1
        elif titles.count(column_name(place)) == 1:
            places[name] = titles.index(column_name(place))
        else:
            rule = "column_repeated" if column_name(place) in titles else "column_missing"
            faults.append(StatementFault(rule, header + 1, place))
    if faults:
        raise StatementRefused(faults)
    headings = {name: str(place) for name, place in mapping.places.items()}
    return TableLayout(header, _end(rows, header, mapping), places, headings)


def _header(rows: Sequence[Cells], mapping: ColumnMapping) -> int:
    """The line with the most of the headings, the first one of several."""
    wanted = set(mapping.headings)
    counts = [len(wanted & set(map(column_name, row))) for row in rows[:WITHIN_ROWS]]
    return counts.index(max(counts)) if counts else 0


def _end(rows: Sequence[Cells], header: int, mapping: ColumnMapping) -> int:
    words = tuple(map(column_name, mapping.end_words))
    for at in range(header + 1, len(rows)):
        first = next(filter(None, map(column_name, rows[at])), "")
        if words and first.startswith(words):
            return at
    return len(rows)
