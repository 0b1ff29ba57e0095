"""Documents that name a registration, as renewal issues them, and what others make of them."""

import warnings
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from weasyprint import HTML

from tests.services.signing.paper import with_fields

NUMBER = "GH-7K2M-9QX4"


def paper(text: str, *fields: str) -> bytes:
    """A page with this text and an empty signature field for each name."""
    with warnings.catch_warnings(
        action="ignore", category=ResourceWarning
    ):  # WeasyPrint's profile stays open
        page = HTML(string=f"<html lang=vi><title>T</title><p>{text}").write_pdf(pdf_variant="pdf/a-3b")
    return with_fields(page, fields) if fields else page


def written_anew(pdf: bytes) -> bytes:
    """As another program saves it under a new name."""
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(pdf))), BytesIO()
    writer.write(out)
    return out.getvalue()
