"""Reads a workbook's cells in a process of its own:
`python -m shared.spreadsheet.workbook MOST_ROWS NAMES < FILE`.

A hostile file can make any reader use much time or memory. This process has limits, no secrets in its
environment, and does nothing else. It reads values only: no formulas, links or macros.

It writes one line of JSON per row: text is a string, a number is a number, a date or time is {"at": …}. A
number in a workbook whose days are counted from 1904 is {"of_1904": …}.
{"rule": …} names what is wrong with the file.
"""

import json
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from shared.spreadsheet.headers import WITHIN_ROWS, names_columns

MOST_UNPACKED = 300 * 1024 * 1024
_MEMORY = 1024 * 1024 * 1024
_SECONDS = 60
_BOOK, _SHEETS = "xl/workbook.xml", "xl/worksheets/"
_OF_1904 = re.compile(rb"""date1904\s*=\s*["'](1|true)["']""")
_ERROR_CELL = re.compile(rb"""(<c\b[^>]{0,200}?\s)t=(["'])e\2""")
"""The reader gives no value for an error cell. As a text cell, it gives its text: `#N/A`."""


class _Several(Exception):
    """More than one sheet has the list."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most_rows, names = int(sys.argv[1]), json.loads(sys.argv[2])
    for row in _rows(sys.stdin.buffer.read(), most_rows, names):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def _rows(data: bytes, most: int, names: Sequence[str]) -> Iterator[Any]:
    """The rows of the sheet that names the columns, or what is wrong."""
    if _unpacked_size(data) > MOST_UNPACKED:
        yield {"rule": "workbook_too_complex"}
        return
    data, of_1904 = _prepare(data)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            sheet = _sheet(book, names)
            if sheet.total_height > most:
                yield {"rule": "too_many_rows"}
                return
            for row in sheet.iter_rows():
                cells = map(_cell, row)
                yield [{"of_1904": cell} if of_1904 and _is_number(cell) else cell for cell in cells]
    except _Several:
        yield {"rule": "several_sheets"}
    except PasswordError:
        yield {"rule": "workbook_locked"}
    except CalamineError:
        yield {"rule": "not_a_table"}


def _unpacked_size(data: bytes) -> int:
    """The unpacked size that the archive states, in bytes; 0 if the file is no archive."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return 0


def _prepare(data: bytes) -> tuple[bytes, bool]:
    """The workbook with its error cells as text, and whether its days are counted from 1904.

    A file that is no archive, or is damaged, stays unchanged: the reader will report it.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            of_1904 = _BOOK in names and bool(_OF_1904.search(archive.read(_BOOK)))
            sheets = {name for name in names if name.startswith(_SHEETS)}
            if any(_ERROR_CELL.search(archive.read(name)) for name in sheets):
                return _errors_as_text(archive, sheets), of_1904
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError):
        return data, False
    return data, of_1904


def _errors_as_text(archive: zipfile.ZipFile, sheets: set[str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in archive.namelist():
            part = archive.read(name)
            new.writestr(name, _ERROR_CELL.sub(rb"\1t=\2str\2", part) if name in sheets else part)
    return out.getvalue()


def _sheet(book: CalamineWorkbook, names: Sequence[str]) -> CalamineSheet:
    """The visible sheet that names the columns, or else the first visible one. Raises _Several."""
    seen = [
        book.get_sheet_by_name(sheet.name)
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    if not seen:
        raise CalamineError("no sheet")
    lists = [
        sheet
        for sheet in seen
        if any(names_columns(row, names) for row in islice(sheet.iter_rows(), WITHIN_ROWS))
    ]
    if len(lists) > 1:
        raise _Several
    return (lists or seen)[0]


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float)


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
