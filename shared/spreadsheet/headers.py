"""Finds the row with a table's column names: people put titles above it."""

import re
from collections.abc import Iterable, Sequence

from shared.text.characters import visible

WITHIN_ROWS = 20


def column_name(cell: object) -> str:
    """The name of the column, whatever separates its words: `Office Ref` is `office_ref`."""
    return re.sub(r"[ -]", "_", visible(str(cell)).strip("'\"").lower())


def names_columns(row: Iterable[object], names: Sequence[str]) -> bool:
    """Whether the row has all of the names. False without names."""
    return bool(names) and set(names) <= set(map(column_name, row))


def header_at(rows: Sequence[Iterable[object]], names: Sequence[str]) -> int:
    """The index of the row that has all of the names, or 0 if none of the first rows has."""
    found = (at for at, row in enumerate(rows[:WITHIN_ROWS]) if names_columns(row, names))
    return next(found, 0)
