"""Pictures of a document's pages, for the page on which it is signed."""

from io import BytesIO

import pypdfium2

_DPI = 110
_INCH = 72  # points


def count_pages(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def page_picture(pdf: bytes, number: int) -> bytes | None:
    """A PNG of page `number`, counted from 1. None if there is no such page."""
    with pypdfium2.PdfDocument(pdf) as document:
        if not 1 <= number <= len(document):
            return None
        drawn, out = document[number - 1].render(scale=_DPI / _INCH, may_draw_forms=True), BytesIO()
        drawn.to_pil().convert("P", colors=32).save(out, "PNG", optimize=True)
        return out.getvalue()
