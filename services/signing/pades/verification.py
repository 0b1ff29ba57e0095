"""Verifies that a signed file is the document that was issued, with one signature and no other change.

pyHanko's own verdict is not enough: it calls a file valid although a page was overlaid before signing, a text
field filled, a second stamp added, or bytes added after the end. So the file is compared with the exact bytes
that were issued.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from services.signing.domain.certificate import Certificate
from services.signing.pades.embedded import check_coverage, check_signature, check_time_stamp
from services.signing.pades.fields import read_fields
from services.signing.pades.long_term.revision import end_without_proof
from services.signing.pades.metadata import check_metadata
from services.signing.pades.rejection import InvalidityReason, Rejected, UnreadableDocument
from services.signing.pades.trust import TrustSettings

_LARGEST_GROWTH = 4 * 1024 * 1024
_WORDS = {"/Name", "/Reason", "/Location", "/ContactInfo"}


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """`old_padding`: the signature is RSA with PKCS#1 v1.5; the signer gets a warning."""

    certificate: Certificate
    old_padding: bool


async def verify(
    signed: bytes, issued: bytes, field: str, trust: TrustSettings, moment: datetime, *, old_padding: bool
) -> VerificationResult:
    """Check that `signed` is `issued` with `field` signed, by a certificate valid at `moment`. On top there
    may be revisions that prove the signature: evidence and document time stamps, and nothing else.

    Raises Rejected with the first reason against it, UnreadableDocument if the file can't be read as a PDF.
    """
    _check_bytes(signed, issued)
    with readable():
        base, whole = PdfFileReader(BytesIO(issued)), PdfFileReader(BytesIO(signed))
        if base.encrypted or whole.encrypted:
            raise UnreadableDocument(InvalidityReason.FILE_ENCRYPTED)
        below = signed[: end_without_proof(whole, base, field)]
        for stamp in whole.embedded_timestamp_signatures:
            await check_time_stamp(stamp, trust, moment)
        check_end(below, issued)
        # One reader as long as it can be: each one reads the signature's digits anew, byte by byte.
        reader = whole if len(below) == len(signed) else PdfFileReader(BytesIO(below))
        _check_history(reader, base)
        _check_fields(reader, base, field)
        _check_changes(reader, base, field)
        check_metadata(reader, base)
        signature = _new_signature(reader, base, field)
        _check_words(signature)
        check_coverage(signature, below)
        certificate, old = await check_signature(signature, trust, moment, old_padding=old_padding)
    return VerificationResult(certificate, old)


@contextmanager
def readable() -> Iterator[None]:
    """Turn any error of pyHanko into UnreadableDocument, with the error's class as detail.

    A malformed file makes pyHanko raise nearly anything (TypeError, KeyError, AssertionError, …).
    """
    try:
        yield
    except Rejected:
        raise
    except (PdfDecodeLimitError, MemoryError) as error:
        raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, type(error).__name__) from error
    except Exception as error:
        raise UnreadableDocument(InvalidityReason.FILE_UNREADABLE, type(error).__name__) from error


def _check_bytes(signed: bytes, issued: bytes) -> None:
    """The checks that need no reading as a PDF."""
    if len(signed) > len(issued) + _LARGEST_GROWTH:
        raise Rejected(InvalidityReason.FILE_TOO_LARGE, f"{len(signed)} bytes")
    if not signed.startswith(issued):
        raise not_issued(signed)
    check_end(signed, issued)


def check_end(signed: bytes, issued: bytes) -> None:
    """Raises Rejected if nothing follows the issued bytes, or something follows the end of the file."""
    if signed == issued:
        raise Rejected(InvalidityReason.SIGNATURE_COUNT, "nothing was added")
    if not signed.rstrip(b"\r\n").endswith(b"%%EOF") or len(signed) - len(signed.rstrip(b"\r\n")) > 2:
        raise Rejected(InvalidityReason.FILE_CHANGED, "bytes after the end")


def not_issued(signed: bytes) -> Rejected:
    """The most helpful reason for a file that doesn't begin with the issued bytes."""
    if not signed.startswith(b"%PDF-"):
        reason = (
            InvalidityReason.FILE_PREFIXED if b"%PDF-" in signed[:4096] else InvalidityReason.FILE_UNREADABLE
        )
        return UnreadableDocument(reason)
    if b"/Encrypt" in signed:
        return UnreadableDocument(InvalidityReason.FILE_ENCRYPTED)
    return Rejected(InvalidityReason.FILE_NOT_ISSUED)


def _check_history(reader: PdfFileReader, base: PdfFileReader) -> None:
    """Check that exactly one revision was added, on top of the issued revisions."""
    issued = base.xrefs.total_revisions
    if reader.xrefs.total_revisions != issued + 1:
        raise Rejected(
            InvalidityReason.FILE_CHANGED, f"{reader.xrefs.total_revisions - issued} revisions added"
        )
    check_issued_revisions(reader, base)


def check_issued_revisions(reader: PdfFileReader, base: PdfFileReader) -> None:
    """Raises Rejected if the file's cross references leave out a revision that was issued."""
    for revision in range(base.xrefs.total_revisions):
        then = base.xrefs.get_startxref_for_revision(revision)
        if reader.xrefs.get_startxref_for_revision(revision) != then:
            raise Rejected(InvalidityReason.FILE_NOT_ISSUED, "the issued revisions are left out")


def _check_fields(reader: PdfFileReader, base: PdfFileReader, field: str) -> None:
    """Check that the fields and their places are the same, and that only `field` is newly filled."""
    then, now = read_fields(base), read_fields(reader)
    if [each.place for each in now] != [each.place for each in then]:
        raise Rejected(InvalidityReason.FIELDS_CHANGED, "fields added, removed or moved")
    for after, before in zip(now, then, strict=True):
        after.check_flags(before)
        after.check_appearance()
    newly = {a.name for a, b in zip(now, then, strict=True) if a.filled and not b.filled}
    if newly != {field}:
        raise Rejected(InvalidityReason.SIGNATURE_COUNT, f"{len(newly)} fields newly filled")


def _check_changes(reader: PdfFileReader, base: PdfFileReader, field: str) -> None:
    """Check that nothing has changed since the issued revision except what signing `field` changes."""
    result = DEFAULT_DIFF_POLICY.review_file(reader, base.xrefs.total_revisions - 1)
    if not isinstance(result, DiffResult):
        raise Rejected(InvalidityReason.FILE_CHANGED, "changes beside the signature")
    if result.modification_level > ModificationLevel.FORM_FILLING:
        raise Rejected(InvalidityReason.FILE_CHANGED, result.modification_level.name)
    if result.changed_form_fields != {field}:
        raise Rejected(InvalidityReason.FIELDS_CHANGED, f"{len(result.changed_form_fields)} fields changed")


def _new_signature(reader: PdfFileReader, base: PdfFileReader, field: str) -> EmbeddedPdfSignature:
    found: list[EmbeddedPdfSignature] = reader.embedded_signatures
    added = len(found) - len(base.embedded_signatures)
    named = [each for each in found if each.field_name == field]
    if added != 1 or len(named) != 1:
        raise Rejected(InvalidityReason.SIGNATURE_COUNT, f"{added} signatures added")
    return named[0]


def _check_words(signature: EmbeddedPdfSignature) -> None:
    """Check that the signature names nobody and nothing by words of its own. What our preparation writes is
    the time alone: the signer is the certificate's holder."""
    if found := _WORDS & signature.sig_object.keys():
        raise Rejected(InvalidityReason.SIGNATURE_WORDS, " ".join(sorted(found)))
