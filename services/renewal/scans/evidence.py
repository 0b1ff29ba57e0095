"""The evidence for a renewer's appointment: the upload is checked, rendered again page by page, and bound
into one document. `scans.scans` says what is left behind if the process dies in between.
"""

from dataclasses import dataclass

from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import EVIDENCE
from services.renewal.scans.scans import Scans
from shared.events.base import DocumentRef
from shared.resilience.deadline import deadline
from shared.storage.documents import Documents, Provenance

_PDF = "application/pdf"
_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Evidence:
    scans: Scans
    documents: Documents

    async def store(self, upload: bytes, office_ref: str, pointer: str) -> DocumentRef:
        """The stored document. Raises RenewalError, with the error at `pointer`, where the file isn't a PDF,
        JPEG or PNG, is damaged, or is too large. Raises OutOfTime."""
        async with deadline(_SECONDS):
            try:
                pages = await self.scans.read_pages(upload, EVIDENCE)
            except BadUpload as bad:
                raise bad.refusal(pointer) from None
            data = await self.scans.document([page.image for page in pages])
            name, of = f"chung-cu-nguoi-gia-han-{office_ref}.pdf", Provenance("renewer_evidence", office_ref)
            return await self.documents.put(data, media_type=_PDF, name=name, of=of)
