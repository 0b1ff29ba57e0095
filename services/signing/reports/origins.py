"""Finds out whether a PDF that somebody has is a document of ours, and whether it was changed."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.signing.domain.contract import ContractSeal
from services.signing.domain.form import SigningForm
from services.signing.domain.report.document import Kind, ReportedDocument
from services.signing.domain.report.report import Origin
from services.signing.pades.inspection.inspector import Inspector
from services.signing.pades.rejection import InvalidityReason
from services.signing.store import Contracts, Forms
from shared.resilience.errors import MissingDocument
from shared.storage.documents import MongoDocuments
from shared.web.people import Person


class FoundOrigin(NamedTuple):
    """`document`: the document of ours that the file is, or was made from. None for one that only names a
    number of ours."""

    origin: Origin
    document: ReportedDocument | None = None


_KINDS: dict[str, Kind] = {"form": "form", "contract": "contract"}
_UNKNOWN = FoundOrigin(Origin(status="unknown"))


@dataclass(frozen=True, slots=True)
class OriginFinder:
    """A person of an office is told about documents of that office only: another office's is `unknown`. So is
    a file of which the issued document was deleted after its time: nobody can compare them any more."""

    inspector: Inspector
    documents: MongoDocuments
    forms: Forms
    contracts: Contracts

    async def find(self, pdf: bytes, who: Person) -> FoundOrigin:
        revisions = await self.inspector.hash_revisions(pdf)
        stored = await self.documents.find_provenance(revisions)
        for sha256 in (each for each in revisions if each in stored):
            for provenance in stored[sha256]:
                if kind := _KINDS.get(provenance.kind):
                    return await self._begun(pdf, sha256, kind, UUID(str(provenance.id)), who)
        for number in await self.inspector.read_numbers(pdf):
            for form in await self.forms.numbered(number):
                if who.may_see(form.office_ref):
                    return await self._named(pdf, form, number)
        return _UNKNOWN

    async def _begun(self, pdf: bytes, sha256: str, kind: Kind, renewal_id: UUID, who: Person) -> FoundOrigin:
        """The file begins with what was issued for this registration."""
        form = await self.forms.get(renewal_id)
        if form is None or not who.may_see(form.office_ref):
            return _UNKNOWN
        try:
            issued = await self.documents.get(sha256)
        except MissingDocument:
            return _UNKNOWN
        change = await self.inspector.find_change(pdf, issued)
        origin = Origin(
            status="changed" if change else "issued",
            kind=kind,
            renewal_id=renewal_id,
            number=form.ordered.registration_no if form.ordered else "",
            reason=change or "",
        )
        seal = await self.contracts.get(renewal_id) if kind == "contract" else None
        return FoundOrigin(origin, _document(kind, form, seal, sha256))

    async def _named(self, pdf: bytes, form: SigningForm, number: str) -> FoundOrigin:
        """The file begins with nothing of ours, but names this registration."""
        contract = await self.contracts.get(form.renewal_id)
        issued: dict[Kind, str] = {"form": form.form.sha256}
        if contract:
            issued["contract"] = contract.contract.contract.sha256
        is_gone = False
        for kind, sha256 in issued.items():
            try:
                document = await self.documents.get(sha256)
            except MissingDocument:
                is_gone = True
                continue
            change = await self.inspector.find_change(pdf, document)
            if change is InvalidityReason.FILE_RESAVED:
                origin = Origin(
                    status="rewritten", kind=kind, renewal_id=form.renewal_id, number=number, reason=change
                )
                return FoundOrigin(origin, _document(kind, form, contract, sha256))
        if is_gone:
            return _UNKNOWN
        return FoundOrigin(Origin(status="other", renewal_id=form.renewal_id, number=number))


def _document(kind: Kind, form: SigningForm, seal: ContractSeal | None, sha256: str) -> ReportedDocument:
    """`sha256`: the file that was issued. The number of a contract that was replaced isn't kept."""
    if kind == "contract" and seal and seal.contract.contract.sha256 == sha256:
        return ReportedDocument.of_contract(seal)
    return ReportedDocument.of_form(form).model_copy(update={"kind": kind})
