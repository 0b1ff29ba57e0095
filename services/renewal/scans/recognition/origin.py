"""Whether a PDF page comes from paper (it has pictures of it) or from a computer (it has text and lines)."""

import mmap
import re
from math import hypot
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from services.renewal.scans.recognition.qr import marks

# A small photo on a large page covers more than this; a logo, or a picture of a seal on a form, covers less.
_COVERED = 0.25
_SIGNED = re.compile(rb"/ByteRange\s*\[\s*\d")
_INVISIBLE = raw.FPDF_TEXTRENDERMODE_INVISIBLE


def is_signed(file: Path) -> bool:
    """Whether the file has a digital signature: each such file states uncompressed which bytes it covers."""
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _SIGNED.search(content) is not None


def is_digital(page: pypdfium2.PdfPage, scale: float) -> bool:
    """Whether the page never was on paper: no picture covers it, or the form's code is drawn on the page
    instead of in a picture. It hides the page's pictures, so call it after rendering the page."""
    pictures = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
    width, height = page.get_size()
    if sum(_area(each) for each in pictures) < _COVERED * width * height:
        return True
    if not _has_drawing(page):
        return False
    for each in pictures:
        raw.FPDFPageObj_SetIsActive(each, False)
    rest: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    return bool(marks(rest))


def size_on_page(picture: pypdfium2.PdfObject) -> tuple[float, float]:
    """The picture's width and height on the page, in points, whatever its rotation."""
    matrix, around = picture.get_matrix(), picture.container
    while around:
        matrix, around = matrix.multiply(around.get_matrix()), around.container
    return hypot(matrix.a, matrix.b), hypot(matrix.c, matrix.d)


def _area(picture: pypdfium2.PdfObject) -> float:
    across, along = size_on_page(picture)
    return across * along


def _has_drawing(page: pypdfium2.PdfPage) -> bool:
    """Whether anything but pictures is visible. Text that a scanner recognised is invisible."""
    kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_TEXT]
    return any(
        each.type != raw.FPDF_PAGEOBJ_TEXT or raw.FPDFTextObj_GetTextRenderMode(each) != _INVISIBLE
        for each in page.get_objects(filter=kinds)
    )
