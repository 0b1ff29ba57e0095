"""Evidence that people look at, for a renewer's appointment or a payment: the upload is checked, rendered
again page by page, and bound into one document.

`scans.scans` says what is left behind if the process dies in between.
"""

from dataclasses import dataclass

from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import Limits
from services.renewal.scans.scans import Scans
from shared.events.base import DocumentRef
from shared.resilience.deadline import deadline
from shared.storage.documents import MongoDocuments, Provenance

_PDF = "application/pdf"
_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Evidence:
    scans: Scans
    documents: MongoDocuments

    async def store(
        self, upload: bytes, limits: Limits, pointer: str, name: str, of: Provenance
    ) -> DocumentRef:
        """The stored document, a PDF. Raises RenewalError, with the error at `pointer`, where the file isn't
        a PDF, JPEG or PNG, is damaged, or is too large. Raises OutOfTime."""
        async with deadline(_SECONDS):
            try:
                pages = await self.scans.read_pages(upload, limits)
            except BadUpload as bad:
                raise bad.refusal(pointer) from None
            data = await self.scans.document([page.image for page in pages])
            return await self.documents.put(data, media_type=_PDF, name=name, of=of)
