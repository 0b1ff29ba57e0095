"""Finds the signatures in a PDF, also those that can't be read."""

from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from services.signing.pades.rejection import InvalidityReason, Rejected, UnreadableDocument


def read_pdf(pdf: bytes) -> PdfFileReader:
    """Raises UnreadableDocument for a file with a password."""
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    if reader.encrypted:
        raise UnreadableDocument(InvalidityReason.FILE_ENCRYPTED)
    return reader


Found = EmbeddedPdfSignature | str
"""A signature, or the name of a filled field whose signature can't be read."""


def find_signatures(reader: PdfFileReader) -> list[Found]:
    return [_read(reader, name, entry) for name, _, entry in enumerate_sig_fields(reader, filled_status=True)]


def _read(reader: PdfFileReader, name: str, entry: object) -> Found:
    try:
        return EmbeddedPdfSignature(reader, entry, name)  # type: ignore[arg-type]
    except Exception:  # damaged content makes asn1crypto raise nearly anything
        return name


def newest_time(fields: list[Found]) -> datetime:
    """The time that the signature in the newest revision states; what others state below it doesn't count.
    Raises Rejected if it states none."""
    signatures = [each for each in fields if _is_signature(each)]
    newest = max(signatures, key=revision_of, default=None)
    stated = stated_at(newest) if isinstance(newest, EmbeddedPdfSignature) else None
    if stated is None:
        raise Rejected(InvalidityReason.SIGNATURE_COUNT, "no signature that states its time")
    return stated


def _is_signature(found: Found) -> bool:
    return isinstance(found, EmbeddedPdfSignature) and found.sig_object_type == "/Sig"


def revision_of(found: Found) -> int:
    return found.signed_revision if isinstance(found, EmbeddedPdfSignature) else -1


def name_of_field(found: Found) -> str:
    return found if isinstance(found, str) else str(found.field_name)


def stated_at(found: EmbeddedPdfSignature) -> datetime | None:
    """None if the signer states no time, or one without a zone."""
    stated = found.self_reported_timestamp
    return stated if stated and stated.tzinfo else None
