"""Whether a file that was signed elsewhere can be signed once more, by the vendor."""

from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader

from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.verification import readable


def check_sealable(uploaded: bytes) -> None:
    """Raises Rejected for a file that only a lenient reader reads: the seal is added by a strict one, so that
    every reader agrees on what it covers."""
    try:
        with readable():
            reader = PdfFileReader(BytesIO(uploaded))
            hybrid = reader.xrefs.hybrid_xrefs_present
    except Rejected as error:
        raise Rejected(InvalidityReason.FILE_NOT_SEALABLE, str(error)) from error
    if hybrid:
        raise Rejected(InvalidityReason.FILE_NOT_SEALABLE, "hybrid cross-references")
