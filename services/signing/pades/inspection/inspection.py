"""Finds out all about the signatures in any PDF, whoever made it.

What a time stamp on the whole file proves, it proves for everything below it. So the newest signature is
looked at first, and each older one at the time at which it is proven to have existed.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.fields import SigSeedSubFilter
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
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from services.signing.domain.report.facts import Coverage, SignatureFacts, TimeStampFacts
from services.signing.domain.report.level import LevelEvidence, level_of
from services.signing.pades.certificates import CHECKED, common_name, validation_context, within_period
from services.signing.pades.embedded import USAGES, names_certificate
from services.signing.pades.inspection.changes import changes_after
from services.signing.pades.inspection.found import (
    Found,
    find_signatures,
    name_of_field,
    newest_time,
    read_pdf,
    revision_of,
    stated_at,
)
from services.signing.pades.inspection.kept import (
    find_newest_kept,
    kept_alone,
    with_kept,
    without_kept_responses,
)
from services.signing.pades.inspection.questions import find_all_questions
from services.signing.pades.inspection.signers import read_signer
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.revocation.questions import RevocationQuestion
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import readable
from shared.resilience.errors import Transient

_MOST_SIGNATURES = 20
_MOST_PAGES = 1000
_OLD_PADDING = "rsassa_pkcs1v15"
_TOLERANCE = timedelta(minutes=5)
"""Between the clocks of who says whether a certificate is revoked, and of who stamps the time."""
_OUTDATED = {AdESIndeterminate.TRY_LATER, AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE}
"""What pyHanko says of a time stamp whose certificate nothing of late says anything about. As EU DSS does, we
then take what was said when it was made, as long as the certificate hasn't ended and isn't known to be
revoked."""
_COVERAGES: dict[SignatureCoverageLevel | None, Coverage] = {
    SignatureCoverageLevel.ENTIRE_FILE: "file",
    SignatureCoverageLevel.ENTIRE_REVISION: "revision",
}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file as of `moment`, in the order of signing. `time_stamps` are those on the whole
    file. `questions` are what could be asked about the certificates that the file itself doesn't prove."""

    moment: datetime
    pages: int
    signatures: tuple[SignatureFacts, ...]
    time_stamps: tuple[TimeStampFacts, ...]
    questions: tuple[RevocationQuestion, ...] = ()


async def inspect(
    pdf: bytes, trust: TrustSettings, moment: datetime | None, *, asks: bool = False
) -> Inspection:
    """Look at all signatures as of `moment`. Without one it is the time that the newest signature states:
    only for a file whose newest signature is our own. `trust` has the answers that were fetched before;
    `asks`: find the questions for more.

    Raises UnreadableDocument if the file can't be read as a PDF, Rejected if it is too complex.
    """
    with readable():
        reader = read_pdf(pdf)
        pages = int(reader.root["/Pages"]["/Count"])
        fields = find_signatures(reader)
        if pages > _MOST_PAGES or len(fields) > _MOST_SIGNATURES:
            raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, f"{pages} pages, {len(fields)} signatures")
        at = moment or newest_time(fields)
        inspector = _Inspector(reader, len(pdf), with_kept(trust, reader), at)
        for one in sorted(fields, key=revision_of, reverse=True):
            await inspector.look_at(one)
        questions = await find_all_questions(inspector.unproven, trust, at) if asks else ()
    return Inspection(
        moment=at,
        pages=pages,
        signatures=tuple(reversed(inspector.signatures)),
        time_stamps=tuple(reversed(inspector.time_stamps)),
        questions=questions,
    )


@dataclass(slots=True)
class _Inspector:
    """`proven` is the time at which the next older signature is proven to have existed. `sealed`: a document
    time stamp covers what the file holds about revocation. `unproven`: what the file alone doesn't prove, or
    by something older than the signature: its holder may have kept that until the certificate was revoked."""

    reader: PdfFileReader
    size: int
    trust: TrustSettings
    proven: datetime
    sealed: bool = False
    signatures: list[SignatureFacts] = field(default_factory=list)
    time_stamps: list[TimeStampFacts] = field(default_factory=list)
    unproven: list[EmbeddedPdfSignature] = field(default_factory=list)

    async def look_at(self, found: Found) -> None:
        try:
            if isinstance(found, str):
                self.signatures.append(SignatureFacts(field=found, readable=False))
            elif found.sig_object_type == "/DocTimeStamp":
                await self._look_at_time_stamp(found)
            else:
                self.signatures.append(await self._signature(found))
        except (Rejected, Transient, MemoryError):
            raise
        except Exception:  # as above: the file is what it is, and the other signatures count
            self.signatures.append(SignatureFacts(field=name_of_field(found), readable=False))

    async def _look_at_time_stamp(self, found: EmbeddedPdfSignature) -> None:
        status = await async_validate_pdf_timestamp(found, self._context(self.proven), skip_diff=True)
        if status.trust_problem_indic in _OUTDATED:
            then = self._context(min(status.timestamp, self.proven))
            status = await async_validate_pdf_timestamp(found, then, skip_diff=True)
        stamp = _time_stamp(status, document=True)
        self.time_stamps.append(stamp)
        if not stamp.valid:
            self.unproven.append(found)
        elif found.coverage and found.coverage >= SignatureCoverageLevel.ENTIRE_REVISION:
            self.proven = min(self.proven, stamp.time)
            below = self.reader.get_historical_resolver(found.signed_revision)
            self.sealed = self.sealed or "/DSS" in below.root

    async def _signature(self, found: EmbeddedPdfSignature) -> SignatureFacts:
        try:
            signer = found.signer_cert
        except (SignatureValidationError, CMSExtractionError):
            return SignatureFacts(field=name_of_field(found), coverage=self._coverage(found))
        at = within_period(signer, self.proven)
        status = await self._validate(found, at)
        changes = changes_after(found, status, self.reader, self.size)
        stamp = await self._time_stamp_on(found, status, at)
        existed_at = min(self.proven, stamp.time) if stamp and stamp.valid else self.proven
        if status.trust_problem_indic and existed_at < self.proven:
            at = within_period(signer, existed_at)
            status = await self._validate(found, at, compared=True)
        read = await read_signer(found, status, self.trust, at)
        if not await self._is_proven_by_file(found, at, existed_at) or (stamp and not stamp.valid):
            self.unproven.append(found)
        content = status.content_timestamp_validity
        return SignatureFacts(
            field=name_of_field(found),
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
            level=await self._level(found, stamp, read.path),
        )

    async def _time_stamp_on(
        self, found: EmbeddedPdfSignature, status: PdfSignatureStatus, moment: datetime
    ) -> TimeStampFacts | None:
        stamp = status.timestamp_validity
        if stamp and stamp.trust_problem_indic in _OUTDATED:
            then = min(stamp.timestamp, self.proven)
            stamp = (await self._validate(found, moment, compared=True, stamp_at=then)).timestamp_validity
        return _time_stamp(stamp) if stamp else None

    async def _validate(
        self,
        found: EmbeddedPdfSignature,
        moment: datetime,
        *,
        compared: bool = False,
        stamp_at: datetime | None = None,
    ) -> PdfSignatureStatus:
        """`compared`: what was added after the signature is already known. `stamp_at`: for when its time
        stamp is checked."""
        status = await async_validate_pdf_signature(
            found,
            self._context(moment),
            self._context(stamp_at or self.proven),
            key_usage_settings=USAGES,
            skip_diff=compared,
        )
        return status if status.trust_problem_indic else await self._check_lists(found, status, moment)

    async def _check_lists(
        self, found: EmbeddedPdfSignature, status: PdfSignatureStatus, moment: datetime
    ) -> PdfSignatureStatus:
        """`status`, or that the certificate is revoked if a list says so: pyHanko looks at none beside a good
        response, and one in the file may be older."""
        others = without_kept_responses(self.trust)
        if len(others.answers) == len(self.trust.answers):
            return status
        context = validation_context(others, moment, CHECKED, later=True)
        told = await async_validate_pdf_signature(found, context, key_usage_settings=USAGES, skip_diff=True)
        return _revoked(status, told) if told.revocation_details else status

    def _context(self, moment: datetime) -> ValidationContext:
        return validation_context(self.trust, moment, CHECKED, later=True)

    def _coverage(self, found: EmbeddedPdfSignature) -> Coverage:
        return _COVERAGES.get(found.evaluate_signature_coverage(), "part")

    async def _is_proven_by_file(
        self, found: EmbeddedPdfSignature, moment: datetime, existed_at: datetime
    ) -> bool:
        """Whether the file alone shows that no certificate of the path is revoked, the signer's by what was
        made when the signature is proven to have existed."""
        context = validation_context(kept_alone(self.trust), moment, CHECKED, later=True)
        try:
            validator = CertificateValidator(found.signer_cert, found.other_embedded_certs, context)
            path = await validator.async_validate_path()
            made_at = await find_newest_kept(found.signer_cert, path, self.trust)
        except (Transient, MemoryError):
            raise
        except Exception:  # nothing, or something damaged
            return False
        return made_at is not None and made_at >= existed_at - _TOLERANCE

    async def _level(
        self, found: EmbeddedPdfSignature, stamp: TimeStampFacts | None, path: ValidationPath | None
    ) -> str:
        pades = found.sig_object.get("/SubFilter") == SigSeedSubFilter.PADES.value
        kept_at = await find_newest_kept(found.signer_cert, path, self.trust) if path else None
        return level_of(
            LevelEvidence(
                pades=pades and names_certificate(found),
                time_stamped=bool(stamp or self.time_stamps),
                revocation_kept=kept_at is not None,
                sealed_later=self.sealed,
            )
        )


def _revoked(status: PdfSignatureStatus, told: PdfSignatureStatus) -> PdfSignatureStatus:
    return replace(
        status,
        trust_problem_indic=told.trust_problem_indic,
        revocation_details=told.revocation_details,
        validation_path=told.validation_path,
    )


def _time_stamp(
    status: TimestampSignatureStatus | DocumentTimestampStatus, *, document: bool = False
) -> TimeStampFacts:
    return TimeStampFacts(
        time=status.timestamp,
        authority=common_name(status.signing_cert),
        valid=status.intact and status.valid and status.trusted,
        document=document,
    )
