"""Exports the queue as a file for spreadsheets: CSV or XLSX."""

import asyncio
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook

from services.renewal.desk.items.item_texts import COLUMNS, SHEET
from services.renewal.desk.queue import Queue
from services.renewal.domain.desk.queue_filter import QueueFilter
from services.renewal.domain.desk.queued_registration import QueuedRegistration
from services.renewal.domain.refusal import RenewalError
from services.renewal.texts import DESK_REASONS, SENDING, STATUSES
from shared.text.csv_lines import BOM, csv_line
from shared.time.calendar import civil_date
from shared.web.people import Person

MOST = 20_000
Kind = Literal["csv", "xlsx"]
Cell = str | int
_COLUMNS: tuple[tuple[str, Callable[[QueuedRegistration, ZoneInfo], Cell]], ...] = (
    ("number", lambda row, zone: row.number),
    ("office_ref", lambda row, zone: row.office_ref),
    ("office_name", lambda row, zone: row.office_name),
    ("tax_code", lambda row, zone: row.tax_code or ""),
    ("product", lambda row, zone: row.product_name),
    ("status", lambda row, zone: STATUSES[row.status].line),
    ("reason", lambda row, zone: _reason(row)),
    ("sending", lambda row, zone: SENDING[row.send_by].line),
    ("registered_at", lambda row, zone: f"{row.registered_at.astimezone(zone):%Y-%m-%d %H:%M}"),
    ("received_on", lambda row, zone: row.received_on or ""),
    ("since", lambda row, zone: f"{row.since.astimezone(zone):%Y-%m-%d %H:%M}"),
    ("late", lambda row, zone: "x" if row.late else ""),
    ("claimed_by", lambda row, zone: row.claimed_by or ""),
    ("total", lambda row, zone: row.total_vnd),
)
_WIDTHS = (20, 14, 40, 16, 24, 28, 34, 18, 17, 14, 17, 8, 16, 18)


@dataclass(frozen=True, slots=True)
class File:
    data: bytes
    media_type: str
    name: str

    @property
    def headers(self) -> dict[str, str]:
        return {"content-disposition": f'attachment; filename="{self.name}"', "cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class QueueExport:
    queue: Queue

    async def file(self, kind: Kind, sought: QueueFilter, who: Person) -> File:
        """The rows that match the filter, as a file. It is written in a thread, because thousands of rows
        take a while. Raises RenewalError for more than MOST rows."""
        page = await self.queue.page(sought, who, MOST)
        if page.after:
            raise RenewalError("list-too-long")
        write, media_type = _KINDS[kind]
        data = await asyncio.to_thread(write, page.rows, self.queue.zone)
        day = civil_date(self.queue.clock.now(), self.queue.zone)
        return File(data, media_type, f"hang-viec-{day:%Y-%m-%d}.{kind}")


def csv(rows: Iterable[QueuedRegistration], zone: str) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads the letters correctly. A cell that a spreadsheet
    would compute as a formula gets an apostrophe in front."""
    lines = [csv_line([str(cell) for cell in cells]) for cells in _cells(rows, zone)]
    return BOM + b"".join(lines)


def xlsx(rows: Iterable[QueuedRegistration], zone: str) -> bytes:
    """One sheet with a filter on its header. Text cells are stored as text: codes keep their leading zeros,
    and no formula runs."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, bold = book.add_worksheet(SHEET), book.add_format({"bold": True, "text_wrap": True})
        last = 0
        for last, cells in enumerate(_cells(rows, zone)):
            for column, cell in enumerate(cells):
                write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                write(last, column, cell, *((bold,) if last == 0 else ()))
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, last, len(_COLUMNS) - 1)
    return out.getvalue()


_KINDS = {
    "csv": (csv, "text/csv; charset=utf-8"),
    "xlsx": (xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def _cells(rows: Iterable[QueuedRegistration], zone: str) -> Iterable[list[Cell]]:
    here = ZoneInfo(zone)
    yield [COLUMNS[name].line for name, _ in _COLUMNS]
    for row in rows:
        yield [value(row, here) for _, value in _COLUMNS]


def _reason(row: QueuedRegistration) -> str:
    return DESK_REASONS[row.needs_desk].line if row.needs_desk else ""
