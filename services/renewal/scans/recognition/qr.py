"""Finds the form's code on a page that may be turned, noisy, shaded or of low resolution."""

from cmath import phase
from collections.abc import Iterator
from dataclasses import dataclass
from math import degrees

import zxingcpp
from PIL import Image, ImageFilter

from services.renewal.domain.registration.form_code import (
    QR_MODULES,
    QR_SIDE_MM,
    QR_WHITE,
    FormCode,
    parse_digits,
)

_KIND = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_SIDE = QR_SIDE_MM / 25.4 * QR_MODULES / (QR_MODULES + 2 * QR_WHITE)  # inches, without the white


@dataclass(frozen=True, slots=True)
class QrMark:
    """A code that was found, by how many degrees (clockwise) its page is turned, and the page's dpi."""

    code: FormCode
    angle: float
    dpi: float


def marks(image: Image.Image) -> list[QrMark]:
    """Our codes on the page (RGB). Other QR codes are ignored."""
    red = image.getchannel("R")  # a seal is red, so in the red channel it doesn't cover the code
    for look in _looks(red):
        scale = red.width / look.width
        read = zxingcpp.read_barcodes(look, formats=_KIND, try_invert=False)
        if found := [mark for each in read if (mark := _mark(each, scale))]:
            return found
    return []


def _looks(page: Image.Image) -> Iterator[Image.Image]:
    """The page in two sizes, each as it is and blurred: noise can hide the code in some of them."""
    yield page
    yield page.filter(ImageFilter.GaussianBlur(1))
    half = page.reduce(2)
    yield half
    yield half.filter(ImageFilter.GaussianBlur(1))


def _mark(read: zxingcpp.Barcode, scale: float) -> QrMark | None:
    if not (code := parse_digits(read.text)):
        return None
    at = read.position
    corners = [
        complex(each.x, each.y) for each in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    ]
    sides = [abs(there - here) for here, there in zip(corners, corners[1:] + corners[:1], strict=True)]
    angle = degrees(phase(corners[1] - corners[0]))
    return QrMark(code, angle=angle, dpi=sum(sides) / 4 * scale / _SIDE)
