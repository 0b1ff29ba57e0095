"""Finds out all about the signatures in any PDF, whoever made it.

What a time stamp on the whole file proves, it proves for everything below it. So the newest signature is
looked at first, and each older one at the time at which it is proven to have existed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import CMSExtractionError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    TimestampSignatureStatus,
)
from pyhanko_certvalidator import ValidationContext

from services.signing.domain.report.facts import Coverage, SignatureFacts, TimeStampFacts
from services.signing.domain.report.level import LevelEvidence, level_of
from services.signing.pades.certificates import CHECKED, common_name, validation_context, within_period
from services.signing.pades.embedded import USAGES, names_certificate
from services.signing.pades.inspection.changes import changes_after
from services.signing.pades.inspection.kept import find_source, with_kept
from services.signing.pades.inspection.signers import read_signer
from services.signing.pades.rejection import InvalidityReason, Rejected, UnreadableDocument
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import readable
from shared.resilience.errors import Transient

_MOST_SIGNATURES = 20
_MOST_PAGES = 1000
_OLD_PADDING = "rsassa_pkcs1v15"
_COVERAGES: dict[SignatureCoverageLevel | None, Coverage] = {
    SignatureCoverageLevel.ENTIRE_FILE: "file",
    SignatureCoverageLevel.ENTIRE_REVISION: "revision",
}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file, in the order of signing. `time_stamps` are those on the whole file."""

    pages: int
    signatures: tuple[SignatureFacts, ...]
    time_stamps: tuple[TimeStampFacts, ...]


async def inspect(pdf: bytes, trust: TrustSettings, moment: datetime) -> Inspection:
    """Look at all signatures as of `moment`. `trust` has the answers that were fetched for them.

    Raises UnreadableDocument if the file can't be read as a PDF, Rejected if it is too complex.
    """
    with readable():
        reader = read_pdf(pdf)
        pages = int(reader.root["/Pages"]["/Count"])
        fields = _filled_fields(reader)
        if pages > _MOST_PAGES or len(fields) > _MOST_SIGNATURES:
            raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, f"{pages} pages, {len(fields)} signatures")
        inspector = _Inspector(reader, len(pdf), with_kept(trust, reader), moment)
        for one in sorted(fields, key=_revision, reverse=True):
            await inspector.look_at(one)
    inspector.signatures.reverse()
    inspector.time_stamps.reverse()
    return Inspection(pages, tuple(inspector.signatures), tuple(inspector.time_stamps))


def read_pdf(pdf: bytes) -> PdfFileReader:
    """Raises UnreadableDocument for a file with a password."""
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    if reader.encrypted:
        raise UnreadableDocument(InvalidityReason.FILE_ENCRYPTED)
    return reader


Found = EmbeddedPdfSignature | str
"""A signature, or the name of a filled field whose signature can't be read."""


def _filled_fields(reader: PdfFileReader) -> list[Found]:
    return [_read(reader, name, entry) for name, _, entry in enumerate_sig_fields(reader, filled_status=True)]


def _read(reader: PdfFileReader, name: str, entry: object) -> Found:
    try:
        return EmbeddedPdfSignature(reader, entry, name)  # type: ignore[arg-type]
    except Exception:  # damaged content makes asn1crypto raise nearly anything
        return name


def readable_signatures(reader: PdfFileReader) -> list[EmbeddedPdfSignature]:
    found = _filled_fields(reader)[:_MOST_SIGNATURES]
    return [each for each in found if isinstance(each, EmbeddedPdfSignature)]


def _revision(found: Found) -> int:
    return found.signed_revision if isinstance(found, EmbeddedPdfSignature) else -1


@dataclass(slots=True)
class _Inspector:
    """`proven` is the time at which the next older signature is proven to have existed. `sealed`: a document
    time stamp covers what the file holds about revocation."""

    reader: PdfFileReader
    size: int
    trust: TrustSettings
    proven: datetime
    sealed: bool = False
    signatures: list[SignatureFacts] = field(default_factory=list)
    time_stamps: list[TimeStampFacts] = field(default_factory=list)

    async def look_at(self, found: Found) -> None:
        try:
            if isinstance(found, str):
                self.signatures.append(SignatureFacts(field=found, readable=False))
            elif found.sig_object_type == "/DocTimeStamp":
                await self._look_at_time_stamp(found)
            else:
                self.signatures.append(await self._signature(found))
        except (Rejected, Transient):
            raise
        except Exception:  # as above: the file is what it is, and the other signatures count
            self.signatures.append(SignatureFacts(field=_name(found), readable=False))

    async def _look_at_time_stamp(self, found: EmbeddedPdfSignature) -> None:
        status = await async_validate_pdf_timestamp(found, self._context(self.proven), skip_diff=True)
        stamp = _time_stamp(status, document=True)
        self.time_stamps.append(stamp)
        if stamp.valid and found.coverage and found.coverage >= SignatureCoverageLevel.ENTIRE_REVISION:
            self.proven = min(self.proven, stamp.time)
            below = self.reader.get_historical_resolver(found.signed_revision)
            self.sealed = self.sealed or "/DSS" in below.root

    async def _signature(self, found: EmbeddedPdfSignature) -> SignatureFacts:
        try:
            signer = found.signer_cert
        except (SignatureValidationError, CMSExtractionError):
            return SignatureFacts(field=_name(found), coverage=self._coverage(found))
        at = within_period(signer, self.proven)
        status = await self._validate(found, at)
        changes = changes_after(found, status, self.reader, self.size)
        stamp = _time_stamp(status.timestamp_validity) if status.timestamp_validity else None
        existed_at = min(self.proven, stamp.time) if stamp and stamp.valid else self.proven
        if status.trust_problem_indic and existed_at < self.proven:
            at = within_period(signer, existed_at)
            status = await self._validate(found, at, compared=True)
        read = await read_signer(found, status, self.trust, at)
        content = status.content_timestamp_validity
        return SignatureFacts(
            field=_name(found),
            certificate=read.certificate,
            intact=status.intact,
            genuine=status.valid,
            coverage=_COVERAGES.get(status.coverage, "part"),
            changes=changes,
            chain=read.chain,
            strength=read.strength,
            old_padding=found.signer_info["signature_algorithm"].signature_algo == _OLD_PADDING,
            revocation=read.revocation,
            existed_at=existed_at,
            made_after=content.timestamp if content and content.trusted else None,
            stated_at=stated_at(found),
            time_stamp=stamp,
            level=self._level(found, stamp),
        )

    async def _validate(
        self, found: EmbeddedPdfSignature, moment: datetime, *, compared: bool = False
    ) -> PdfSignatureStatus:
        """`compared`: what was added after the signature is already known."""
        return await async_validate_pdf_signature(
            found,
            self._context(moment),
            self._context(self.proven),
            key_usage_settings=USAGES,
            skip_diff=compared,
        )

    def _context(self, moment: datetime) -> ValidationContext:
        return validation_context(self.trust, moment, CHECKED, later=True)

    def _coverage(self, found: EmbeddedPdfSignature) -> Coverage:
        return _COVERAGES.get(found.evaluate_signature_coverage(), "part")

    def _level(self, found: EmbeddedPdfSignature, stamp: TimeStampFacts | None) -> str:
        pades = found.sig_object.get("/SubFilter") == SigSeedSubFilter.PADES.value
        return level_of(
            LevelEvidence(
                pades=pades and names_certificate(found),
                time_stamped=bool(stamp or self.time_stamps),
                revocation_kept=find_source(found.signer_cert, self.trust, in_file=True) is not None,
                sealed_later=self.sealed,
            )
        )


def _name(found: Found) -> str:
    return found if isinstance(found, str) else str(found.field_name)


def _time_stamp(
    status: TimestampSignatureStatus | DocumentTimestampStatus, *, document: bool = False
) -> TimeStampFacts:
    return TimeStampFacts(
        time=status.timestamp,
        authority=common_name(status.signing_cert),
        valid=status.intact and status.valid and status.trusted,
        document=document,
    )


def stated_at(found: EmbeddedPdfSignature) -> datetime | None:
    """None if the signer states no time, or one without a zone."""
    stated = found.self_reported_timestamp
    return stated if stated and stated.tzinfo else None
