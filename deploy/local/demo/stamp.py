"""Draws an office's blue signature and its round red seal into the signature field of a form."""

from typing import Any

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

from deploy.local.demo.texts import both
from deploy.local.host.problem import StackProblem

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_RED, _BLUE = (205, 25, 45), (25, 40, 160)
_INCH, _INCH_MM = 72, 25.4
_SEAL_MM = 36
_STROKE = ((0.2, 0.6), (0.35, 0.25), (0.4, 0.7), (0.5, 0.4), (0.6, 0.65), (0.9, 0.45))


def signature_field(page: Any) -> Box | None:
    """The page's signature field (pypdfium2), in points from the upper left corner; None if it has none."""
    field = pypdfium2.raw.FPDFPage_GetAnnot(page, 0)
    if not field:
        return None
    found = pypdfium2.raw.FS_RECTF()
    read = pypdfium2.raw.FPDFAnnot_GetRect(field, found)
    pypdfium2.raw.FPDFPage_CloseAnnot(field)
    if not read:
        raise StackProblem(*both("check.field_unreadable"))
    height = page.get_height()
    return found.left, height - found.top, found.right, height - found.bottom


def stamp(page: Image.Image, at: Box, dpi: int) -> Image.Image:
    """Sign and stamp a page that was drawn at `dpi`.

    The seal covers a third of the signature on its left side. Ink does not hide what is under it.
    """
    ink = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(ink)
    left, top, right, bottom = (side * dpi / _INCH for side in at)
    line = [(left + x * (right - left), top + y * (bottom - top)) for x, y in _STROKE]
    draw.line(line, fill=_BLUE, width=dpi // 40, joint="curve")
    signed = ImageChops.multiply(page, ink)
    ink.paste("white", (0, 0, *page.size))
    radius = _SEAL_MM / _INCH_MM * dpi / 2
    x, y = left + (right - left) / 4, (top + bottom) / 2
    for share in (1.0, 0.62):
        reach = share * radius
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), outline=_RED, width=dpi // 40)
    draw.regular_polygon((x, y, radius / 3), 5, fill=_RED)
    return ImageChops.multiply(signed, ink)
