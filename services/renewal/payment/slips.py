"""Copies of the payment orders that offices upload beside what they say to have paid.

If the process dies before the save that refers to a copy, the repeat reads the file again and stores the same
bytes (`scans.evidence`).
"""

from dataclasses import dataclass

from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.scans.evidence import Evidence
from services.renewal.scans.limits import SLIP
from shared.events.base import DocumentRef
from shared.storage.documents import Provenance

UNREAD = DocumentRef(sha256="0" * 64, size=1, media_type="application/pdf", name="unread.pdf")
"""Stands for an upload that isn't read yet."""


@dataclass(frozen=True, slots=True)
class PaymentSlips:
    """`evidence` reads in the processes for the offices' uploads."""

    evidence: Evidence

    async def store(self, registration: Registration, upload: bytes) -> DocumentRef:
        """Raises RenewalError ("upload-bad") where the file can't be used, and OutOfTime."""
        of = _provenance(registration)
        name = f"chung-tu-thanh-toan-{registration.number}.pdf"
        return await self.evidence.store(upload, SLIP, "/file", name, of)

    async def forget(self, registration: Registration, document: DocumentRef) -> None:
        """Removes one that was refused, unless the same bytes were stored as something else, too."""
        documents, of = self.evidence.documents, _provenance(registration)
        stored_as = (await documents.find_provenance([document.sha256])).get(document.sha256, [])
        if {each.key("") for each in stored_as} <= {of.key("")}:
            await documents.forget(document.sha256)

    async def file(self, receivable: Receivable, sha256: str) -> tuple[DocumentRef, bytes]:
        """Raises RenewalError where it is none of this payment's."""
        known = (slip.document for slip in receivable.slips if slip.document.sha256 == sha256)
        if (document := next(known, None)) is None:
            raise RenewalError("slip-unknown")
        return document, await self.evidence.documents.get(sha256)


def _provenance(registration: Registration) -> Provenance:
    return Provenance("payment_slip", registration.renewal_id)
