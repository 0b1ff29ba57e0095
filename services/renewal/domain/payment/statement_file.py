"""A bank statement that the desk uploaded, on its way from the file to its lines."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from shared import ids
from shared.events.base import DocumentRef
from shared.storage.aggregate import State
from shared.text.i18n import Text


class StatementPhase(StrEnum):
    """`READ`: its lines are stored, and are matched one after the other. `REFUSED`: nothing of it counts."""

    UPLOADED = "uploaded"
    READ = "read"
    MATCHED = "matched"
    REFUSED = "refused"


class StatementSummary(Frozen):
    """`known` of its `lines` were in an earlier statement."""

    first_on: date
    last_on: date
    lines: int
    known: int


class StatementFile(State):
    """`layout` names the `columns` of a table, as JSON, as they were at the upload. `faults` are why it was
    refused. `counts` are its new lines by what came of them at first. `attempts`: how often reading it began.
    """

    id: UUID
    document: DocumentRef
    layout: str
    columns: str | None = None
    uploaded_by: str
    uploaded_at: datetime
    phase: StatementPhase = StatementPhase.UPLOADED
    faults: tuple[tuple[str, str], ...] = ()
    summary: StatementSummary | None = None
    counts: Mapping[str, int] = {}
    attempts: int = 0

    @classmethod
    def uploaded(
        cls, document: DocumentRef, layout: str, columns: str | None, by: str, now: datetime
    ) -> Self:
        id = statement_file_id(document.sha256, columns)
        return cls(id=id, document=document, layout=layout, columns=columns, uploaded_by=by, uploaded_at=now)

    @property
    def texts(self) -> list[Text]:
        return [Text(*fault) for fault in self.faults]


def statement_file_id(sha256: str, columns: str | None) -> UUID:
    """The same bytes, read in the same way, are the same upload."""
    return ids.derived("statement-file", sha256, columns)
