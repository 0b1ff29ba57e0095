"""The reports on our own documents, kept with them: by the SHA-256 of the document."""

from contextlib import suppress
from dataclasses import dataclass

from services.signing.domain.report.report import ValidationReport
from shared.storage import mongo
from shared.storage.mongo import Collection


@dataclass(frozen=True, slots=True)
class KeptReports:
    """A report is made when somebody first asks for it, and never changes after that. It is one insert: if
    the process dies before it, the next who asks has the report made again. Of two made at the same time the
    first one stays."""

    collection: Collection

    async def find(self, sha256: str) -> ValidationReport | None:
        row = await self.collection.find_one({"_id": sha256})
        return ValidationReport.model_validate_json(row["report"]) if row else None

    async def keep(self, report: ValidationReport) -> ValidationReport:
        """The kept report: this one, or the one that another process kept first."""
        with suppress(mongo.DuplicateKeyError):
            await self.collection.insert_one({"_id": report.sha256, "report": report.model_dump_json()})
        return await self.find(report.sha256) or report
