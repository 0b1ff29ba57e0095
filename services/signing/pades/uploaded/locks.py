"""Finds signatures after which nobody else can sign the document."""

from collections.abc import Iterable

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from services.signing.pades.fields import read_fields
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.uploaded.policy import PERMISSIONS


def check_locks(reader: PdfFileReader, signatures: Iterable[EmbeddedPdfSignature]) -> None:
    """Raises Rejected if a signature forbids further ones, or locks a field that is still to be signed, or if
    the document has permissions that no signature of these gives."""
    empty = [field.name for field in read_fields(reader) if not field.filled]
    certifying = set()
    for signature in signatures:
        if signature.docmdp_level is MDPPerm.NO_CHANGES:
            raise Rejected(InvalidityReason.FILE_LOCKED, "certified without further signatures")
        locked = signature.fieldmdp
        if locked is not None and any(locked.is_locked(name) for name in empty):
            raise Rejected(InvalidityReason.FILE_LOCKED, "a field to be signed is locked")
        certifying.add(signature.sig_field.raw_get("/V").reference)
    if PERMISSIONS in reader.root:
        permissions = reader.root[PERMISSIONS]
        if set(permissions) != {"/DocMDP"} or permissions.raw_get("/DocMDP").reference not in certifying:
            raise Rejected(InvalidityReason.FILE_CHANGED, "permissions beside the signature's")
