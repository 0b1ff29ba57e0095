"""Finds the form's code on a page, whichever way up, noisy, shaded or coarse."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, degrees, hypot

import zxingcpp
from PIL import Image, ImageFilter

from services.renewal.domain.form_code import (
    QR_MODULES,
    QR_SIDE_MM,
    QR_WHITE,
    FormCode,
    parse_digits,
)

_KIND = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_SIDE = QR_SIDE_MM / 25.4 * QR_MODULES / (QR_MODULES + 2 * QR_WHITE)  # inches, without the white


@dataclass(frozen=True, slots=True)
class Mark:
    """A code, by how many degrees (clockwise) its page stands turned, and the page's pixels to an inch."""

    code: FormCode
    angle: float
    dpi: float


def marks(image: Image.Image) -> list[Mark]:
    """Every code of ours on the page, other people's passed over."""
    gray = image.convert("L")
    for look in _looks(gray):
        scale = gray.width / look.width
        read = zxingcpp.read_barcodes(look, formats=_KIND, try_invert=False)
        if found := [mark for each in read if (mark := _mark(each, scale))]:
            return found
    return []


def _looks(gray: Image.Image) -> Iterator[Image.Image]:
    """The page as it is, then softened: noise hides the code from the reader at the one or the other size."""
    yield gray
    yield gray.filter(ImageFilter.GaussianBlur(1))
    half = gray.reduce(2)
    yield half
    yield half.filter(ImageFilter.GaussianBlur(1))


def _mark(read: zxingcpp.Barcode, scale: float) -> Mark | None:
    if not (code := parse_digits(read.text)):
        return None
    corners = [
        (corner.x * scale, corner.y * scale)
        for corner in (
            read.position.top_left,
            read.position.top_right,
            read.position.bottom_right,
            read.position.bottom_left,
        )
    ]
    sides = [
        hypot(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    (x1, y1), (x2, y2) = corners[:2]
    return Mark(code, angle=degrees(atan2(y2 - y1, x2 - x1)), dpi=sum(sides) / 4 / _SIDE)
