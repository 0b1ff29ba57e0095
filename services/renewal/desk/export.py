"""Exports the queue as a file for spreadsheets."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.renewal.desk.items.item_texts import COLUMNS, SHEET
from services.renewal.desk.queue import Queue
from services.renewal.domain.desk.queue_filter import QueueFilter
from services.renewal.domain.desk.queued_registration import QueuedRegistration
from services.renewal.domain.refusal import RenewalError
from services.renewal.texts import DESK_REASONS, SENDING, STATUSES
from shared.spreadsheet.sheet_file import SheetCell, SheetColumn, SheetFile, SheetKind, sheet_file
from shared.time.calendar import civil_date
from shared.web.people import Person

MOST = 20_000
_COLUMNS: tuple[tuple[str, int, Callable[[QueuedRegistration, ZoneInfo], SheetCell]], ...] = (
    ("number", 20, lambda row, zone: row.number),
    ("office_ref", 14, lambda row, zone: row.office_ref),
    ("office_name", 40, lambda row, zone: row.office_name),
    ("tax_code", 16, lambda row, zone: row.tax_code or ""),
    ("product", 24, lambda row, zone: row.product_name),
    ("status", 28, lambda row, zone: STATUSES[row.status].line),
    ("reason", 34, lambda row, zone: DESK_REASONS[row.needs_desk].line if row.needs_desk else ""),
    ("sending", 18, lambda row, zone: SENDING[row.send_by].line),
    ("registered_at", 17, lambda row, zone: f"{row.registered_at.astimezone(zone):%Y-%m-%d %H:%M}"),
    ("received_on", 14, lambda row, zone: row.received_on or ""),
    ("since", 17, lambda row, zone: f"{row.since.astimezone(zone):%Y-%m-%d %H:%M}"),
    ("late", 8, lambda row, zone: "x" if row.late else ""),
    ("claimed_by", 16, lambda row, zone: row.claimed_by or ""),
    ("total", 18, lambda row, zone: row.total_vnd),
)


@dataclass(frozen=True, slots=True)
class QueueExport:
    queue: Queue

    async def file(self, kind: SheetKind, sought: QueueFilter, who: Person) -> SheetFile:
        """The rows that match the filter, as a file. Raises RenewalError for more than MOST rows."""
        page = await self.queue.page(sought, who, MOST)
        if page.after:
            raise RenewalError("list-too-long")
        here = ZoneInfo(self.queue.zone)
        columns = [SheetColumn(COLUMNS[name].line, width) for name, width, _ in _COLUMNS]
        rows = ([value(row, here) for _, _, value in _COLUMNS] for row in page.rows)
        day = civil_date(self.queue.clock.now(), self.queue.zone)
        return await sheet_file(kind, f"hang-viec-{day:%Y-%m-%d}", SHEET, columns, rows)
