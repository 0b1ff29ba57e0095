"""Finds the row with a table's column names: offices put titles above it."""

import re
from collections.abc import Iterable, Sequence

from shared.text.characters import visible

KEY = "office_ref"
WITHIN_ROWS = 20


def column_name(cell: object) -> str:
    """The name of the column, whatever separates its words: `Office Ref` is `office_ref`."""
    return re.sub(r"[ -]", "_", visible(str(cell)).strip("'\"").lower())


def header_at(rows: Sequence[Iterable[object]]) -> int:
    """The index of the row that names the columns, or 0 if none of the first rows does."""
    found = (at for at, row in enumerate(rows[:WITHIN_ROWS]) if KEY in map(column_name, row))
    return next(found, 0)
