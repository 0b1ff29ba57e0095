"""Makes validation reports: on the documents that offices and the vendor signed here, and on any PDF."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from services.signing.domain.contract import ContractSeal
from services.signing.domain.form import SigningForm
from services.signing.domain.preservation import PreservedFile
from services.signing.domain.report.document import ReportedDocument
from services.signing.domain.report.report import ValidationReport, judge_all
from services.signing.pades.inspection.inspector import Inspector
from services.signing.reports.kept_reports import KeptReports
from services.signing.reports.origins import OriginFinder
from shared.events.base import DocumentRef
from shared.resilience.deadline import deadline
from shared.storage.documents import Documents
from shared.time.clock import Clock
from shared.web.people import Person


@dataclass(frozen=True, slots=True)
class ReportService:
    """All methods raise Rejected for a file that can't be read, and OutOfTime after `seconds` in all."""

    inspector: Inspector
    documents: Documents
    origins: OriginFinder
    kept: KeptReports
    clock: Clock
    seconds: float

    async def of_form(self, form: SigningForm) -> ValidationReport | None:
        """As of the office's signature. None if the form isn't signed."""
        if form.signed_form is None or form.signature is None:
            return None
        report = await self._of_document(form.signed_form, form.signature.signed_at)
        return report.about(ReportedDocument.of_form(form))

    async def of_contract(self, seal: ContractSeal) -> ValidationReport | None:
        """As of the newest signature: the vendor's, or before it the office's. None if nobody has signed."""
        if seal.sealed_contract:
            report = await self._of_document(seal.sealed_contract, None)
        elif seal.signed_contract and seal.signature:
            report = await self._of_document(seal.signed_contract, seal.signature.signed_at)
        else:
            return None
        return report.about(ReportedDocument.of_contract(seal))

    async def of_file(
        self, file: PreservedFile, form: SigningForm, seal: ContractSeal | None
    ) -> ValidationReport:
        """On a file that was signed here. The signature of one that another has replaced isn't kept any more:
        it is judged as of its listing, moments after the signature. Where an older release listed it, as of
        now."""
        about, moment = ReportedDocument.of_form(form), file.listed_at or self.clock.now()
        if file.kind != "signed_form":
            about = about.model_copy(update={"kind": "contract"})
        if file.document == form.signed_form and form.signature:
            moment = form.signature.signed_at
        elif seal and file.document in (seal.signed_contract, seal.sealed_contract):
            about = ReportedDocument.of_contract(seal)
            moment = seal.signature.signed_at if seal.signature else moment
        made = await self._of_document(file.document, None if file.kind == "sealed_contract" else moment)
        return made.about(about)

    async def of_upload(self, pdf: bytes, who: Person) -> ValidationReport:
        """As of now, with what the person may know of where the file comes from. Nothing is stored."""
        async with deadline(self.seconds):
            report = await self._make(pdf, self.clock.now())
            found = await self.origins.find(pdf, who)
            return report.of(found.origin).about(found.document)

    async def _of_document(self, document: DocumentRef, moment: datetime | None) -> ValidationReport:
        """The kept report. While more evidence could still decide it, none is kept."""
        async with deadline(self.seconds):
            if found := await self.kept.find(document.sha256):
                return found
            made = await self._make(await self.documents.get(document.sha256), moment)
            return await self.kept.keep(made) if made.is_final else made

    async def _make(self, pdf: bytes, moment: datetime | None) -> ValidationReport:
        found = await self.inspector.inspect(pdf, moment)
        return ValidationReport(
            sha256=sha256(pdf).hexdigest(),
            size=len(pdf),
            pages=found.pages,
            judged_at=found.moment,
            made_at=self.clock.now(),
            signatures=judge_all(found.signatures),
            time_stamps=found.time_stamps,
        )
