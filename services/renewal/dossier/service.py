"""Gathers the dossier of one registration, and sends it as an archive.

Nothing is drawn anew but the index: each document is sent as its bytes are kept. Nothing is stored, so a
process that dies leaves nothing behind; an archive that breaks off has no end and can't be opened.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from services.renewal.core import Core
from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.domain.dossier.manifest import DossierManifest
from services.renewal.domain.dossier.papers import DossierPaper
from services.renewal.domain.dossier.records import record_files
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, invoice_id
from services.renewal.domain.payment.receivable import Receivable, receivable_id
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.grant import ResourceGrant
from services.renewal.dossier.archive import ArchiveWriter
from services.renewal.dossier.copies import DossierCopies
from services.renewal.dossier.index_sheet import index_html
from services.renewal.office.file_response import read_document
from shared.events.base import DocumentRef
from shared.resilience.errors import Conflict, MissingDocument
from shared.storage.aggregate import Stored
from shared.web.people import Person

_CHUNK = 256 * 1024
_READINGS, _AT_ONCE = 8, 2
MANIFEST, INDEX = "manifest.json", "index.pdf"
DossierStates = tuple[Stored[Renewal], Stored[Receivable] | None, Stored[RequestedInvoice] | None]


@dataclass(frozen=True, slots=True)
class DossierService:
    """`told`: what other services told the dossiers. `drawing`: how many indexes are drawn at once, so that
    no download takes the layout from the forms."""

    core: Core
    told: DossierCopies
    drawing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def gather(self, id: UUID) -> DossierFacts:
        """All that this service knows of the registration. It is read again where something was saved while
        it was read: the states and their audit must be of one moment. Raises RenewalError where there is no
        such registration, Conflict after several lost races."""
        for _ in range(_READINGS):
            before = await self._states(id)
            facts = await self._read(*before)
            if await self._states(id) == before:
                return facts
        raise Conflict("the registration changed each time while its dossier was read")

    async def _states(self, id: UUID) -> DossierStates:
        core = self.core
        if (renewal := await core.renewals.load(id)) is None:
            raise RenewalError("registration-unknown")
        return renewal, await core.receivables.stored(id), await core.invoices.stored(id)

    async def _read(
        self,
        stored: Stored[Renewal],
        receivable: Stored[Receivable] | None,
        invoice: Stored[RequestedInvoice] | None,
    ) -> DossierFacts:
        core, made = self.core, stored.state.registration
        id, on_form = made.renewal_id, stored.state.carried
        filed = [paper.document.sha256 for paper in stored.state.dossier]
        return DossierFacts(
            renewal=stored.state,
            version=stored.version,
            receivable=receivable.state if receivable else Receivable.of(made),
            invoice=invoice.state if invoice else core.invoices.first(made),
            grants=tuple([grant for each in on_form for grant in await self._grants(each)]),
            notices=tuple(
                [
                    notice
                    for each in on_form
                    for notice in await core.seen.of_term(each.subscription_id, each.term.basis_expires_on)
                ]
            ),
            chains={
                f"renewals/{id}": tuple(await core.renewals.history(id)),
                f"receivables/{receivable_id(id)}": tuple(await core.receivables.history(id)),
                f"invoices/{invoice_id(id)}": tuple(await core.invoices.history(id)),
            },
            sent=tuple([proof for each in on_form for proof in await self.told.notices.about(each)]),
            reports=await self.told.reports.on(filed),
        )

    async def _grants(self, registration: Registration) -> tuple[ResourceGrant, ...]:
        ledger = await self.core.ledgers.of(registration.subscription_id)
        return ledger.of_renewal(registration.renewal_id) if ledger else ()

    async def find_missing(self, facts: DossierFacts) -> set[str]:
        """The hashes of papers that aren't stored. Whether stored bytes are damaged shows when they are
        read."""
        hashes = [paper.document.sha256 for paper in facts.papers]
        return set(hashes) - await self.core.service.documents.find_stored(hashes)

    async def find_unreadable(self, facts: DossierFacts) -> set[str]:
        """The hashes of the papers that an archive would lack: it reads each, as the archive does."""
        documents = {paper.document.sha256: paper.document for paper in facts.papers}
        return {sha256 for sha256, document in documents.items() if await self._kept(document) is None}

    async def read_report(self, facts: DossierFacts, sha256: str) -> tuple[DossierPaper, bytes]:
        """A validation report of the dossier, with its bytes. Raises RenewalError where there is none, or its
        bytes are gone."""
        for paper in facts.papers:
            if paper.about and paper.document.sha256 == sha256:
                return paper, await read_document(self.core.service.documents, sha256)
        raise RenewalError("document-gone")

    async def archive(self, facts: DossierFacts, edition: DossierEdition) -> AsyncIterator[bytes]:
        """The archive in parts: the papers, the records, then the manifest, and the index that names its
        hash."""
        writer = ArchiveWriter()
        missing: set[str] = set()
        documents = {paper.path: paper.document for paper in facts.papers}
        for path, document in documents.items():
            if (data := await self._kept(document)) is None:
                missing.add(document.sha256)
                continue
            for part in _parts(await asyncio.to_thread(writer.add, path, data)):
                yield part
        records = record_files(facts, edition)
        for path, record in records.items():
            yield writer.add(path, record)
        manifest = DossierManifest.of(facts, edition, missing, records)
        yield writer.add(MANIFEST, manifest.bytes())
        async with self.drawing:
            index = await self.core.renderer.sheet(index_html(manifest, facts))
        yield writer.add(INDEX, index)
        yield writer.end()

    async def _kept(self, document: DocumentRef) -> bytes | None:
        """None where the bytes are gone, or are others than those that were filed."""
        try:
            data = await self.core.service.documents.get(document.sha256)
        except MissingDocument:
            return None
        return data if len(data) == document.size else None


def edition_for(who: Person) -> DossierEdition:
    return DossierEdition.DESK if who.is_desk else DossierEdition.OFFICE


def archive_name(renewal: Renewal) -> str:
    return f"ho-so-{renewal.registration.number}.zip"


def _parts(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _CHUNK):
        yield data[start : start + _CHUNK]
