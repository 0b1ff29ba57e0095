"""The document time stamp (PAdES B-LTA): it proves the whole file, with what proved it until now.

One revision keeps evidence about what the stamp is put on, and has the stamp; a second one keeps the evidence
about the stamp. So every version can be judged by the file and our roots alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, PreparedByteRangeDigest
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_timestamp
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.path import ValidationPath

from services.signing.domain.level import SignatureLevel
from services.signing.pades.certificates import CHECKED, CertificateChain, rejection_of, validation_context
from services.signing.pades.embedded import check_coverage
from services.signing.pades.long_term.extension import ExtendedPdf
from services.signing.pades.long_term.security_store import (
    add_evidence,
    check_stated_time,
    end_of_path,
    kept_context,
    with_evidence,
)
from services.signing.pades.long_term.time_stamp import read_stamper, signer_of, stamper_of
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings

_DIGITS = 2 * 24 * 1024
"""Reserved for the stamp, which is written in hexadecimal."""


@dataclass(frozen=True, slots=True)
class OpenStamp:
    """A PDF with an empty place for the stamp of `digest` (SHA-256), bytes `start` to `end`."""

    pdf: bytes
    digest: bytes
    start: int
    end: int


def chains_to_prove(pdf: bytes, level: SignatureLevel) -> tuple[CertificateChain, ...]:
    """Whose certificates need evidence before a stamp is put on the file: of a B-B file the signers', else
    those of its newest time stamp, which has proved the rest."""
    found: list[EmbeddedPdfSignature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    if level is SignatureLevel.BASIC:
        return tuple(signer_of(each.signed_data) for each in found if each.sig_object_type == "/Sig")
    newest = found[-1]
    return (stamper_of(newest) if newest.sig_object_type == "/Sig" else signer_of(newest.signed_data),)


async def open_stamp(pdf: bytes, level: SignatureLevel, trust: TrustSettings, moment: datetime) -> OpenStamp:
    """Prepare the revision with the stamp. Raises Rejected if a certificate that it must prove has ended, is
    revoked or can't be checked by the answers and lists of `trust`."""
    paths = await _find_paths(chains_to_prove(pdf, level), trust, moment)
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    add_evidence(writer, paths, trust)
    name, output = f"time-stamp-{writer.prev.xrefs.total_revisions}", BytesIO()
    embedding = PdfCMSEmbedder(new_field_spec=SigFieldSpec(name)).write_cms(
        field_name=name, writer=writer, existing_fields_only=False
    )
    next(embedding)
    stamp = DocumentTimestamp(bytes_reserved=_DIGITS)  # type: ignore[no-untyped-call]
    embedding.send(SigObjSetup(sig_placeholder=stamp))
    place, _ = embedding.send(SigIOSetup(md_algorithm="sha256", output=output))
    return OpenStamp(
        output.getvalue(), place.document_digest, place.reserved_region_start, place.reserved_region_end
    )


async def close_stamp(opened: OpenStamp, token: bytes, trust: TrustSettings, moment: datetime) -> ExtendedPdf:
    """Put the stamp in, with the evidence about it. Raises Rejected unless it is a valid one of this file, by
    our roots and by what the file holds."""
    output = BytesIO(opened.pdf)
    PreparedByteRangeDigest(opened.digest, opened.start, opened.end).fill_with_cms(output, token)
    stamped = output.getvalue()
    (path,) = await _find_paths([read_stamper(token)], trust, moment)
    kept = with_evidence(stamped, [path], trust)
    reader = PdfFileReader(BytesIO(kept))
    stamp = reader.embedded_signatures[-1]
    check_coverage(stamp, stamped)
    context = kept_context(reader, [path], trust, moment)
    status = await async_validate_pdf_timestamp(stamp, context, skip_diff=True)
    if not (status.intact and status.valid and status.trusted):
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, "the document's time stamp isn't valid")
    check_stated_time(status.timestamp, moment)
    return ExtendedPdf(kept, end_of_path(path))


async def _find_paths(
    chains: Iterable[CertificateChain], trust: TrustSettings, moment: datetime
) -> list[ValidationPath]:
    """The paths to our roots, of which no certificate has ended or is revoked. Raises Rejected."""
    context = validation_context(trust, moment, CHECKED)
    try:
        return [
            await CertificateValidator(each.signer, each.others, context).async_validate_path()
            for each in chains
        ]
    except (ValidationError, PathBuildingError) as error:
        raise rejection_of(error) from error
