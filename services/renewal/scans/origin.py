"""Where a PDF comes from: from paper, as pictures of it, or from a computer, as text and lines."""

import mmap
import re
from math import hypot
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from services.renewal.scans.qr import marks

# A small photo on a large sheet covers more; a logo, or a picture of a seal put on a printed form, less.
_COVERED = 0.25
_SIGNED = re.compile(rb"/ByteRange\s*\[\s*\d")
_INVISIBLE = raw.FPDF_TEXTRENDERMODE_INVISIBLE


def is_signed(file: Path) -> bool:
    """Whether it carries a digital signature: what that covers is written open in every such file."""
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _SIGNED.search(content) is not None


def is_digital(page: pypdfium2.PdfPage, scale: float) -> bool:
    """Whether the page never was on paper: no picture covers it, or the form's code is drawn on it rather
    than in the picture. Takes the pictures off the page, so ask after drawing it."""
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


def placed(picture: pypdfium2.PdfObject) -> tuple[float, float]:
    """Width and height on the page, in points, however it is turned."""
    matrix, around = picture.get_matrix(), picture.container
    while around:
        matrix, around = matrix.multiply(around.get_matrix()), around.container
    return hypot(matrix.a, matrix.b), hypot(matrix.c, matrix.d)


def _area(picture: pypdfium2.PdfObject) -> float:
    across, along = placed(picture)
    return across * along


def _has_drawing(page: pypdfium2.PdfPage) -> bool:
    """Whether anything but pictures can be seen; text that a scanner recognised can't."""
    kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_TEXT]
    return any(
        each.type != raw.FPDF_PAGEOBJ_TEXT or raw.FPDFTextObj_GetTextRenderMode(each) != _INVISIBLE
        for each in page.get_objects(filter=kinds)
    )
