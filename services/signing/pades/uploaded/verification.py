"""Verifies a PDF that was signed elsewhere, by a tool that we don't know, against the PDF that was issued.

Tools add a field of their own, and other things that are honest: a second signature, time stamps, revocation
data. So more is allowed here than for a signature that we prepared (`pades.verification`), but revision by
revision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from services.signing.pades.certificates import common_name
from services.signing.pades.embedded import (
    check_coverage,
    check_signature,
    check_time_stamp,
    identify,
    names_certificate,
)
from services.signing.pades.long_term.security_store import check_store
from services.signing.pades.rejection import InvalidityReason, Rejected, UnreadableDocument
from services.signing.pades.trust import TrustSettings
from services.signing.pades.uploaded.file import check_file
from services.signing.pades.uploaded.locks import check_locks
from services.signing.pades.uploaded.revisions import FilledField, read_filled_fields
from services.signing.pades.uploaded.stamp import judge_stamp
from services.signing.pades.uploaded.verdict import LookReason, UploadedSignature, UploadVerdict
from services.signing.pades.verification import check_issued_revisions, readable

_TOLERANCE = timedelta(minutes=5)
"""Between our clock and that of the computer that signed."""


async def verify_upload(
    uploaded: bytes, issued: bytes, place: str, trust: TrustSettings, moment: datetime, *, old_padding: bool
) -> UploadVerdict:
    """Check that `uploaded` is `issued` with signatures only, by certificates valid at `moment`.

    The file begins with the issued bytes. Each later revision adds one signature, in the issued field `place`
    or in one that it adds itself, or a document time stamp, which is nobody's signature, or revocation data.
    A stamp may lie over the empty `place`. Raises Rejected with the first reason against the file,
    UnreadableDocument if it can't be read as a PDF.
    """
    check_file(uploaded, issued)
    with readable():
        reader, base = PdfFileReader(BytesIO(uploaded), strict=False), PdfFileReader(BytesIO(issued))
        if reader.encrypted:
            raise UnreadableDocument(InvalidityReason.FILE_ENCRYPTED)
        check_issued_revisions(reader, base)
        check_store(reader)
        signatures: dict[str, EmbeddedPdfSignature] = {
            found.field_name: found for found in reader.embedded_signatures
        }
        check_locks(reader, signatures.values())
        filled = read_filled_fields(reader, base)
        review = _Review(reader, uploaded, issued, place, trust, moment, old_padding)
        for each in filled:
            await review.add(each, signatures)
    if not review.parties:
        raise Rejected(InvalidityReason.SIGNATURE_COUNT, "no signature of a person")
    return UploadVerdict(tuple(review.parties), tuple(one for one in LookReason if one in review.looks))


@dataclass(frozen=True, slots=True)
class _Review:
    """What is found, signature by signature."""

    reader: PdfFileReader
    uploaded: bytes
    issued: bytes
    place: str
    trust: TrustSettings
    moment: datetime
    old_padding: bool
    parties: list[UploadedSignature] = field(default_factory=list)
    looks: set[LookReason] = field(default_factory=set)

    async def add(self, filled: FilledField, signatures: Mapping[str, EmbeddedPdfSignature]) -> None:
        """Check the signature or time stamp in a field. Raises Rejected."""
        if not filled.added and filled.field.name != self.place:
            raise Rejected(InvalidityReason.SIGNATURE_COUNT, "in the field of another party")
        signature = signatures.get(filled.field.name)
        if signature is None:
            raise Rejected(InvalidityReason.SIGNATURE_INVALID, "not a signature of an accepted kind")
        last = self.reader.xrefs.total_revisions - 1
        check_coverage(signature, self.uploaded if filled.revision == last else self._revision(signature))
        holder = None
        if signature.sig_object_type == "/DocTimeStamp":
            await check_time_stamp(signature, self.trust, self.moment)
        else:
            party = await self._check_party(signature)
            self.parties.append(party)
            holder = party.holder
        final = self.reader.get_historical_resolver(last)
        self.looks.update(judge_stamp(filled, final, self.issued, self.place, holder))

    def _revision(self, signature: EmbeddedPdfSignature) -> bytes:
        """The file as it was when it was signed. Raises Rejected if the signature leaves out a part of it."""
        if signature.evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_REVISION:
            raise Rejected(InvalidityReason.SIGNATURE_COVERAGE, "not the whole revision")
        _, _, start, length = signature.byte_range
        return self.uploaded[: start + length]

    async def _check_party(self, signature: EmbeddedPdfSignature) -> UploadedSignature:
        certificate, old = await check_signature(
            signature, self.trust, self.moment, old_padding=self.old_padding
        )
        if not names_certificate(signature):
            self.looks.add(LookReason.CERTIFICATE_NOT_SIGNED)
        stated = signature.self_reported_timestamp
        stated_at = stated if stated and stated.tzinfo else None
        if stated_at and stated_at > self.moment + _TOLERANCE:
            raise Rejected(InvalidityReason.SIGNATURE_IN_FUTURE)
        return UploadedSignature(
            holder=common_name(signature.signer_cert),
            certificate=certificate,
            old_padding=old,
            stated_at=stated_at,
            identity=identify(signature, self.issued),
        )
