"""The store of prepared PDFs, which wait for their signature value."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.events.base import DocumentRef
from shared.resilience.errors import MissingDocument
from shared.storage.documents import MongoDocuments, Provenance
from shared.time.clock import Clock

_MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PreparedPdfStore:
    """`clock` is real time, `lifetime` an attempt's. An hour after it the database deletes the PDF by itself.
    That removes what processes that died, expired attempts and closed forms leave behind."""

    documents: MongoDocuments
    clock: Clock
    lifetime: timedelta

    async def put(self, pdf: bytes, form: DocumentRef, renewal_id: UUID) -> str:
        """Returns its SHA-256. Dies before the attempt is saved: the database deletes it later."""
        stored = await self.documents.put(
            pdf,
            media_type=form.media_type,
            name=form.name,
            of=Provenance("prepared_form", renewal_id),
            until=self.clock.now() + self.lifetime + _MARGIN,
        )
        return stored.sha256

    async def get(self, sha256: str) -> bytes | None:
        """The PDF; None if it is already deleted."""
        try:
            return await self.documents.get(sha256)
        except MissingDocument:
            return None

    async def forget(self, sha256: str) -> None:
        """Delete it after its attempt. Dies before: the database deletes it later."""
        await self.documents.forget(sha256)
