"""Forms and contracts as renewal issues them: PDF/A-3b with empty signature fields."""

import warnings
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field, ensure_sig_flags
from weasyprint import HTML

_TEXT = """<html lang=vi><title>Phiếu đăng ký gia hạn</title>
<style>body { font: 13pt 'Liberation Serif' }</style>
<h1>PHIẾU ĐĂNG KÝ GIA HẠN</h1><p>Phần mềm Quản lý tài sản, 01 năm, 1.234.567 đ</p>"""


@lru_cache(maxsize=8)
def issued(*fields: str) -> bytes:
    """A page with one empty visible field for each name; `office` if there is none."""
    with warnings.catch_warnings(
        action="ignore", category=ResourceWarning
    ):  # WeasyPrint leaves its profile open
        page = HTML(string=_TEXT).write_pdf(pdf_variant="pdf/a-3b")
    return with_fields(page, fields or ("office",))


def with_fields(pdf: bytes, fields: Iterable[str]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    for place, name in enumerate(fields):
        left = 60 + place * 220
        append_signature_field(writer, SigFieldSpec(name, on_page=0, box=(left, 120, left + 200, 200)))
    ensure_sig_flags(writer)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
