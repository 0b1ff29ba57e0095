"""Compares a PDF with the document that we issued."""

from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader

from services.signing.pades.inspection.found import read_pdf
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.uploaded.file import check_file
from services.signing.pades.uploaded.revisions import read_filled_fields
from services.signing.pades.uploaded.stamp import covers_content
from services.signing.pades.verification import check_issued_revisions, readable

_PLACE = "office"  # the issued field for the signer: a stamp may lie on it while it is empty


def find_change(pdf: bytes, issued: bytes) -> InvalidityReason | None:
    """The first reason why `pdf` is not `issued` with signatures, time stamps and what proves them, and
    nothing else. None if it is just that, or the issued file itself. A stamp that lies on the content changes
    what a reader sees."""
    if pdf == issued:
        return None
    try:
        check_file(pdf, issued)
        with readable():
            reader, base = read_pdf(pdf), PdfFileReader(BytesIO(issued))
            check_issued_revisions(reader, base)
            filled = read_filled_fields(reader, base)
            final = reader.get_historical_resolver(reader.xrefs.total_revisions - 1)
            if any(covers_content(each, final, issued, _PLACE) for each in filled):
                return InvalidityReason.STAMP_COVERS
    except Rejected as rejected:
        return rejected.reason
    return None
