"""Reads the signing time that a PDF states: in the signature, and on the visible stamp."""

import re
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.generic import parse_pdf_date
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdfium2 import PdfDocument


def written_moment(pdf: bytes) -> datetime:
    """`/M` of the only signature."""
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return parse_pdf_date(signature.sig_object["/M"])


def read_stamp(pdf: bytes) -> datetime:
    """The time on the stamp. Only a flattened annotation has text."""
    document = PdfDocument(pdf)
    document.init_forms()
    for page in document:
        page.flatten()
    text = "".join(page.get_textpage().get_text_range() for page in document)
    found = re.search(r"Ký lúc:\s*(\S+)", text)
    assert found is not None, text
    return datetime.fromisoformat(found[1])
