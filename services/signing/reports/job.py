"""Makes the validation report of each signed file for the dossiers, soon after the signature, and publishes
it."""

from dataclasses import dataclass

import structlog

from services.signing.domain.form import SigningForm
from services.signing.domain.preservation import PreservedFile
from services.signing.domain.report.report import ValidationReport
from services.signing.pades.rejection import Rejected
from services.signing.preservation.files import PreservedFiles
from services.signing.reports.printer import PDF, ReportPrinter
from services.signing.reports.service import ReportService
from services.signing.reports.views import report_view
from services.signing.store import Contracts, Forms
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.background.workers import WorkFailed
from shared.events.base import DocumentRef
from shared.events.signing import SignaturesReported
from shared.resilience.errors import Interrupted, MissingDocument, OutOfTime
from shared.storage.documents import MongoDocuments, Provenance
from shared.time.calendar import civil_date
from shared.time.clock import Clock

log = structlog.get_logger()

_AT_ONCE = 20
_FAILURES = (Rejected, WorkFailed, Interrupted, MissingDocument, OutOfTime)


@dataclass(frozen=True, slots=True)
class ReportJob:
    """One step reports some files, one after another: a person who asks for a report waits for one of them
    at most. A file whose report can't be made, or could still be decided by an answer of its authority, is
    tried again a day later; then its report is published as it is."""

    files: PreservedFiles
    forms: Forms
    contracts: Contracts
    reports: ReportService
    printer: ReportPrinter
    documents: MongoDocuments
    clock: Clock
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self.step, heartbeat)

    async def step(self, check_leadership: CheckLeadership) -> bool:
        """Whether there may be more."""
        found = await self.files.unreported(_AT_ONCE)
        for file in found:
            await check_leadership()
            await self._report(file)
        return bool(found)

    async def _report(self, file: PreservedFile) -> None:
        """Dies before the save: the stored files stay, nothing refers to them, and the next look makes the
        report again. Dies after it: the event is in the outbox. A file that was deleted meanwhile gets no
        report: what was stored for it goes again."""
        form = await self.forms.get(file.renewal_id)
        made = await self._make(file, form) if form else None
        if form is None or made is None:
            await self.files.postpone_report(file.document.sha256)
            return
        report, printed = made
        files = (
            await self._store(printed, PDF, file),
            await self._store(report_view(report).model_dump_json().encode(), "application/json", file),
        )
        if not await self.files.publish_report(self._event(file, form, report, files)):
            for stored in files:
                await self.documents.forget(stored.sha256)

    async def _make(self, file: PreservedFile, form: SigningForm) -> tuple[ValidationReport, bytes] | None:
        """The report, and the same as PDF. None where it is to be tried again."""
        try:
            report = await self.reports.of_file(file, form, await self.contracts.get(file.renewal_id))
            if not report.is_final and file.report_after is None:
                return None
            kind = "form" if file.kind == "signed_form" else "contract"
            return report, await self.printer.print(report, "vi", kind)
        except _FAILURES as failure:
            log.warning("report.failed", renewal_id=str(file.renewal_id), reason=type(failure).__name__)
            return None

    async def _store(self, data: bytes, media_type: str, file: PreservedFile) -> DocumentRef:
        end = "pdf" if media_type == PDF else "json"
        of = Provenance("validation_report", file.document.sha256)
        name = f"bao-cao-kiem-tra-chu-ky-so.{end}"
        return await self.documents.put(data, media_type=media_type, name=name, of=of)

    def _event(
        self,
        file: PreservedFile,
        form: SigningForm,
        report: ValidationReport,
        files: tuple[DocumentRef, ...],
    ) -> SignaturesReported:
        now = self.clock.now()
        return SignaturesReported(
            subscription_id=form.subscription_id,
            office_ref=form.office_ref,
            product_code=form.product_code,
            effective_on=civil_date(now, self.printer.zone),
            occurred_at=now,
            recorded_at=now,
            renewal_id=file.renewal_id,
            document=file.document.sha256,
            indication=report.indication,
            made_at=report.made_at,
            files=files,
        )
