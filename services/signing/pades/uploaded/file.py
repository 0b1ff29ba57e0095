"""The checks of an uploaded file that need no reading as a PDF, and the most helpful reason against it."""

from itertools import islice

import pypdfium2

from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.verification import check_end, not_issued

_MOST_PAGES = 20
LARGEST = 20 * 1024**2
"""Bytes, as for scans."""


def check_file(uploaded: bytes, issued: bytes) -> None:
    """Raises Rejected unless the file is the issued one with something added."""
    if len(uploaded) > LARGEST:
        raise Rejected(InvalidityReason.FILE_TOO_LARGE, f"{len(uploaded)} bytes")
    if not uploaded.startswith(issued):
        rejected = not_issued(uploaded)
        if rejected.reason is InvalidityReason.FILE_NOT_ISSUED and _says_the_same(uploaded, issued):
            raise Rejected(InvalidityReason.FILE_RESAVED)
        raise rejected
    check_end(uploaded, issued)


def _says_the_same(uploaded: bytes, issued: bytes) -> bool:
    """Whether the text of the issued PDF is in the uploaded one: then a program wrote the file anew."""
    text = text_of(issued)
    return bool(text) and text in text_of(uploaded)


def text_of(pdf: bytes) -> str:
    """The text of the first pages without white space; empty if the file can't be opened."""
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            found = (page.get_textpage().get_text_bounded() for page in islice(document, _MOST_PAGES))
            return "".join("".join(found).split())
    except pypdfium2.PdfiumError:
        return ""
