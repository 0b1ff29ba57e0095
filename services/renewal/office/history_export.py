"""Exports the history of an office as a file for spreadsheets, with the columns of its page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.renewal import permissions
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.picture import GrantState
from services.renewal.office.progress import ProgressReader, ShownProgress
from services.renewal.office.texts import BY_DESK, COLUMNS, NEXT_STEPS, SHEET, grant_text
from services.renewal.stores.office_renewals import OfficeRenewals
from services.renewal.stores.resource_ledgers import ResourceLedgers
from services.renewal.texts import status_text
from shared.spreadsheet.sheet_file import SheetCell, SheetColumn, SheetFile, SheetKind, sheet_file
from shared.time.calendar import civil_date
from shared.web.people import Person

COST = 4
"""Of one file, in writes: it reads everything about all the office's registrations."""
MOST = 5_000
_READ_AT_ONCE = 500


class HistoryRow(NamedTuple):
    renewal: Renewal
    progress: ShownProgress
    grant: GrantState | None

    @property
    def products(self) -> str:
        return ", ".join(each.product_name for each in self.renewal.registration.on_form)

    @property
    def registered_at(self) -> str:
        made = self.renewal.registration
        return f"{made.registered_at.astimezone(ZoneInfo(made.zone)):%Y-%m-%d %H:%M}"

    @property
    def until(self) -> str:
        now = self.progress.line.now
        return f"{now.until:%Y-%m-%d}" if now and now.until else ""

    @property
    def payment(self) -> str:
        return self.progress.payment.text.line if self.progress.payment else ""

    @property
    def invoice(self) -> str:
        return self.progress.invoice.text.line if self.progress.invoice else ""


_COLUMNS: tuple[tuple[str, int, Callable[[HistoryRow], SheetCell]], ...] = (
    ("number", 20, lambda row: row.renewal.registration.number),
    ("registered_at", 17, lambda row: row.registered_at),
    ("product", 40, lambda row: row.products),
    ("total", 18, lambda row: row.renewal.registration.price),
    ("status", 34, lambda row: status_text(row.renewal).line),
    ("by_desk", 34, lambda row: BY_DESK.line if row.renewal.registration.on_behalf else ""),
    ("until", 14, lambda row: row.until),
    ("payment", 34, lambda row: row.payment),
    ("resources", 34, lambda row: grant_text(row.grant).line if row.grant else ""),
    ("invoice", 34, lambda row: row.invoice),
    ("next", 34, lambda row: NEXT_STEPS[row.progress.step].line),
)


@dataclass(frozen=True, slots=True)
class HistoryExport:
    renewals: OfficeRenewals
    progress: ProgressReader
    ledgers: ResourceLedgers
    zone: str

    async def file(self, kind: SheetKind, office_ref: str, who: Person) -> SheetFile:
        """All the office's registrations, the newest first. Raises RenewalError for a person of another
        office, and for more than MOST registrations."""
        permissions.require_may_see(who, office_ref)
        rows, older, last = list[list[SheetCell]](), True, None
        while older:
            found, older = await self.renewals.newest(office_ref, last, _READ_AT_ONCE)
            rows += await self._cells(found)
            last = found[-1] if found else None
            if len(rows) > MOST:
                raise RenewalError("history-too-long")
        columns = [SheetColumn(COLUMNS[name].line, width) for name, width, _ in _COLUMNS]
        day = civil_date(self.progress.clock.now(), self.zone)
        return await sheet_file(kind, f"lich-su-gia-han-{day:%Y-%m-%d}", SHEET, columns, rows)

    async def _cells(self, renewals: list[Renewal]) -> list[list[SheetCell]]:
        """Only the cells of a page of registrations are kept in memory."""
        shown = await self.progress.of_all(renewals)
        grants = await self.ledgers.grant_states(renewals, self.progress.clock.now())
        ids = [renewal.registration.renewal_id for renewal in renewals]
        rows = [HistoryRow(renewal, shown[id], grants[id]) for renewal, id in zip(renewals, ids, strict=True)]
        return [[value(row) for _, _, value in _COLUMNS] for row in rows]
