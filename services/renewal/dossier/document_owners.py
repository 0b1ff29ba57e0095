"""Which registrations have the same bytes: one scan may be of two, one invoice for several, and a replaced
registration shares its payment orders with the one in its place."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.renewal.core import Core
from services.renewal.domain.dossier.papers import papers_of
from services.renewal.domain.renewal import Renewal
from services.renewal.dossier.reported_signatures import ReportedSignatures


class PagePictures(Protocol):
    """The pictures of posted papers, page by page."""

    async def images_of(self, renewal_id: UUID) -> list[str]:
        """The hashes of that registration's pictures."""
        ...

    async def image_owners(self, hashes: Set[str]) -> Mapping[UUID, set[str]]:
        """The registrations that have these pictures, and which of them each has."""
        ...


@dataclass(frozen=True, slots=True)
class DocumentOwners:
    core: Core
    pictures: PagePictures
    reports: ReportedSignatures

    async def documents_of(self, renewal: Renewal) -> list[str]:
        """The hashes of all that the registration has: its papers, its invoices' files, its payment
        orders, the reports on its signatures, its pictures."""
        registration, core = renewal.registration, self.core
        invoice = await core.invoices.stored(registration.renewal_id)
        receivable = await core.receivables.of(registration)
        issued = invoice.state if invoice else core.invoices.first(registration)
        filed = [paper.document.sha256 for paper in renewal.dossier]
        papers = papers_of(renewal, issued, receivable, await self.reports.on(filed))
        hashes = [paper.document.sha256 for paper in papers]
        return list(dict.fromkeys([*hashes, *await self.pictures.images_of(registration.renewal_id)]))

    async def shared(self, hashes: Set[str], id: UUID) -> set[str]:
        """Those that another registration has too; a report, if it has the signed document. One whose
        deletion is approved doesn't count: otherwise each of two would leave the bytes to the other, for
        ever."""
        owners: dict[UUID, set[str]] = {}
        for found in (
            await self.core.invoices.file_owners(hashes),
            await self.core.receivables.slip_owners(hashes),
            await self.pictures.image_owners(hashes),
        ):
            for owner, files in found.items():
                owners.setdefault(owner, set()).update(files)
        owners.pop(id, None)
        keeping = await self.core.retained.keeping(owners)
        reports = await self.reports.reported(hashes)
        shared = await self.core.retained.shared_documents({*hashes, *reports.values()}, id)
        papers = (shared & hashes) | {file for file, document in reports.items() if document in shared}
        return papers.union(*(owners[owner] for owner in keeping))
