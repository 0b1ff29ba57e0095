"""Copies which validation reports signing made on signed files, for the dossiers."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.renewal.domain.dossier.signature_report import SignatureReport
from shared.events.signing import SignaturesReported
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.resilience.errors import Unproven
from shared.storage.documents import Documents, Provenance
from shared.storage.mongo import IndexModel
from shared.storage.projection import CopyWrite, Projection

INDEX = IndexModel([("files.sha256", 1)], name="file")


@dataclass(frozen=True, slots=True)
class ReportedSignatures:
    """One copy a signed file, by its hash: whichever registrations have the file, they have its report. So
    the report may come before the file is filed, and a file that is never filed has one that nobody sees."""

    copies: Projection[SignatureReport]
    documents: Documents

    def add_to(self, routes: Routes) -> None:
        routes.checked(SignaturesReported, self.copy_report)

    async def copy_report(self, event: SignaturesReported, at: Position) -> list[CopyWrite]:
        """Raises Unproven for a file that signing didn't store as a report on that document: it would get
        into the office's dossier."""
        for file in event.files:
            if not await self.documents.is_of(file.sha256, Provenance("validation_report", event.document)):
                raise Unproven("the file is no validation report on that document")
        fields = event.model_dump(include=set(SignatureReport.model_fields))
        return [self.copies.put(event.document, at, fields)]

    async def on(self, documents: Iterable[str]) -> dict[str, SignatureReport]:
        """The reports on these files, by the file's hash."""
        found, _ = await self.copies.get_readable(documents)
        return found

    async def reported(self, files: Iterable[str]) -> dict[str, str]:
        """For each of these hashes that is a report's, the hash of the signed file that it is about."""
        wanted = set(files)
        reports = await self.copies.find({"files.sha256": {"$in": list(wanted)}}, limit=0)
        return {
            file.sha256: each.document for each in reports for file in each.files if file.sha256 in wanted
        }
