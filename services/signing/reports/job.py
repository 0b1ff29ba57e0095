"""Makes the validation report of each signed file for the dossiers, soon after the signature, and publishes
it."""

from dataclasses import dataclass
from hashlib import sha256

import structlog

from services.signing.domain.form import SigningForm
from services.signing.domain.preservation import PreservationFailure, PreservedFile
from services.signing.domain.report.report import ValidationReport
from services.signing.pades.rejection import Rejected
from services.signing.preservation.files import PreservedFiles
from services.signing.reports.printer import PDF, ReportPrinter
from services.signing.reports.service import ReportService
from services.signing.reports.views import report_view
from services.signing.store import Contracts, Forms
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.events.base import DocumentRef
from shared.events.signing import SignaturesReported
from shared.resilience.errors import Interrupted, MissingDocument, OutOfTime
from shared.resilience.retry import is_transient
from shared.storage.documents import MongoDocuments, Provenance
from shared.time.calendar import civil_date
from shared.time.clock import Clock

log = structlog.get_logger()

_AT_ONCE = 20
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class ReportJob:
    """One step reports some files, one after another: a person who asks for a report waits for one of them
    at most. A report that could still be decided by an answer of its authority is made again a day later, and
    then published as it is. A file whose report can't be made is listed with the reason, and tried again
    later."""

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
        """Whether there may be more. One file that fails, in whatever way, doesn't hold up the others."""
        found = await self.files.unreported(_AT_ONCE)
        for file in found:
            await check_leadership()
            try:
                await self._report(file)
            except Exception as error:
                if is_transient(error) and not isinstance(error, OutOfTime):
                    raise
                await self._fail(file, error)
        return bool(found)

    async def _fail(self, file: PreservedFile, error: Exception) -> None:
        reason = _reason(error)
        say = log.exception if reason == PreservationFailure.UNEXPECTED else log.warning
        say("report.failed", renewal_id=str(file.renewal_id), reason=reason, error=type(error).__name__)
        await self.files.fail_report(file.document.sha256, reason)

    async def _report(self, file: PreservedFile) -> None:
        """Dies before the save: the stored files stay until the signed file is deleted, and the next look
        makes the report again. Dies after it: the event is in the outbox. A file that was deleted meanwhile
        gets no report: what was stored for it goes again.

        Raises what prevents the report.
        """
        if (form := await self.forms.get(file.renewal_id)) is None:
            raise FormMissing(file.renewal_id)
        report = await self.reports.of_file(file, form, await self.contracts.get(file.renewal_id))
        if not report.is_final and not file.report_undecided:
            await self.files.postpone_report(file.document.sha256)
            return
        printed = await self.printer.print(report, "vi", "form" if file.kind == "signed_form" else "contract")
        data = {PDF: printed, _JSON: report_view(report).model_dump_json().encode()}
        hashes = tuple(sha256(each).hexdigest() for each in data.values())
        if not await self.files.begin_report(file.document.sha256, hashes):
            return
        files = tuple([await self._store(each, media_type, file) for media_type, each in data.items()])
        if not await self.files.publish_report(self._event(file, form, report, files)):
            for stored in files:
                await self.documents.forget(stored.sha256)

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


class FormMissing(LookupError):
    """The form of a signed file isn't known."""


def _reason(error: Exception) -> str:
    """A PreservationFailure or an InvalidityReason."""
    match error:
        case Rejected():
            return error.reason
        case FormMissing():
            return PreservationFailure.FORM_MISSING
        case MissingDocument():
            return PreservationFailure.FILE_MISSING
        case Interrupted() | OutOfTime():
            return PreservationFailure.INTERRUPTED
        case _:
            return PreservationFailure.UNEXPECTED
