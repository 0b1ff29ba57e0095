"""Compares a PDF with the document that we issued."""

from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader

from services.signing.pades.inspection.found import read_pdf
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.uploaded.file import check_file
from services.signing.pades.uploaded.revisions import read_filled_fields
from services.signing.pades.verification import check_issued_revisions, readable


def find_change(pdf: bytes, issued: bytes) -> InvalidityReason | None:
    """The first reason why `pdf` is not `issued` with signatures, time stamps and what proves them, and
    nothing else. None if it is just that, or the issued file itself."""
    if pdf == issued:
        return None
    try:
        check_file(pdf, issued)
        with readable():
            reader, base = read_pdf(pdf), PdfFileReader(BytesIO(issued))
            check_issued_revisions(reader, base)
            read_filled_fields(reader, base)
    except Rejected as rejected:
        return rejected.reason
    return None
