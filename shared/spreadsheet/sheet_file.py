"""Writes a table as a file for spreadsheets: CSV or XLSX."""

import asyncio
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from xlsxwriter import Workbook

from shared.text.csv_lines import BOM, csv_line

SheetKind = Literal["csv", "xlsx"]
SheetCell = str | int


class SheetColumn(NamedTuple):
    """`width`: in characters."""

    title: str
    width: int


@dataclass(frozen=True, slots=True)
class SheetFile:
    data: bytes
    media_type: str
    name: str

    @property
    def headers(self) -> dict[str, str]:
        return {"content-disposition": f'attachment; filename="{self.name}"', "cache-control": "no-store"}


async def sheet_file(
    kind: SheetKind,
    name: str,
    title: str,
    columns: Sequence[SheetColumn],
    rows: Iterable[Sequence[SheetCell]],
) -> SheetFile:
    """The file `name` with its extension. `title`: the name of the sheet. It is written in a thread, because
    thousands of rows take a while."""
    if kind == "csv":
        data = await asyncio.to_thread(csv, columns, rows)
        return SheetFile(data, "text/csv; charset=utf-8", f"{name}.csv")
    data = await asyncio.to_thread(xlsx, title, columns, rows)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return SheetFile(data, media_type, f"{name}.xlsx")


def csv(columns: Sequence[SheetColumn], rows: Iterable[Sequence[SheetCell]]) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads the letters correctly. A cell that a spreadsheet
    would compute as a formula gets an apostrophe in front."""
    titles = csv_line([column.title for column in columns])
    return BOM + titles + b"".join(csv_line([str(cell) for cell in row]) for row in rows)


def xlsx(title: str, columns: Sequence[SheetColumn], rows: Iterable[Sequence[SheetCell]]) -> bytes:
    """One sheet with a filter on its header. Text cells are stored as text: codes keep their leading zeros,
    and no formula runs."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, bold = book.add_worksheet(title), book.add_format({"bold": True, "text_wrap": True})
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column.title, bold)
            sheet.set_column(at, at, column.width)
        last = 0
        for last, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                write(last, at, cell)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, last, len(columns) - 1)
    return out.getvalue()
