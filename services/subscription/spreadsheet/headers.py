"""Where a table's column names stand: offices put titles above them."""

import re
from collections.abc import Iterable, Sequence

from shared.text.characters import visible

KEY = "office_ref"
WITHIN_ROWS = 20


def column_name(cell: object) -> str:
    """As columns are called here, whatever sets its words apart: `Office Ref` is `office_ref`."""
    return re.sub(r"[ -]", "_", visible(str(cell)).strip("'\"").lower())


def header_at(rows: Sequence[Iterable[object]]) -> int:
    """Which of the first rows names the columns; the first where none does."""
    found = (at for at, row in enumerate(rows[:WITHIN_ROWS]) if KEY in map(column_name, row))
    return next(found, 0)
