"""Reads a workbook's cells in a process of its own: `python -m services.subscription.workbook < FILE`.

A hostile file can make any reader slow or large. This process has limits, no secrets in its environment, and
nobody waits in it for anything else; what it is told is values alone, neither formulas, links nor macros.

A line of JSON a row goes to the output: text is a string, a number a number, and a day or time {"at": …}.
{"rule": …} names what is wrong with the file.
"""

import json
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

MOST_UNPACKED = 300 * 1024 * 1024
_MEMORY = 1024 * 1024 * 1024
_SECONDS = 60
_KEY = "office_ref"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most_rows = int(sys.argv[1])
    for row in _rows(sys.stdin.buffer.read(), most_rows):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def _rows(data: bytes, most: int) -> Iterator[Any]:
    """The rows of the sheet of subscriptions, or what is wrong."""
    if _unpacked(data) > MOST_UNPACKED:
        yield {"rule": "workbook_too_complex"}
        return
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            sheet = _sheet(book)
            if sheet.total_height > most:
                yield {"rule": "too_many_rows"}
                return
            yield from ([_cell(cell) for cell in row] for row in sheet.iter_rows())
    except PasswordError:
        yield {"rule": "workbook_locked"}
    except CalamineError:
        yield {"rule": "not_a_table"}


def _unpacked(data: bytes) -> int:
    """How many bytes it says that it holds; 0 for what is no archive."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return 0


def _sheet(book: CalamineWorkbook) -> CalamineSheet:
    """The first whose first row names the columns; else the first."""
    sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    for sheet in sheets:
        if _KEY in _words(next(iter(sheet.iter_rows()), [])):
            return sheet
    if not sheets:
        raise CalamineError("no sheet")
    return sheets[0]


def _words(row: Iterable[object]) -> set[str]:
    return {str(cell).strip().lower() for cell in row}


def _cell(cell: object) -> Any:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, datetime | date):
        return {"at": cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return {"at": str(cell)}
    return cell


if __name__ == "__main__":
    main()
