"""Finds out whether a stamp stands on clear ground: over no ink of the issued page, over no other field."""

from math import ceil, floor

import pypdfium2
from pyhanko.pdf_utils.reader import HistoricalResolver

from services.signing.pades.fields import Field, Rectangle, read_fields

_SCALE = 2  # pixels a point
_PAPER = 250  # grey values from here on are the paper's


def is_on_clear_ground(field: Field, final: HistoricalResolver, issued: bytes, place: str) -> bool:
    """Whether the widget of `field` is on one page only, where it covers nothing. `final` is the last
    revision. The empty field `place` is there for the signer: a stamp may lie on it."""
    pages = _pages(field, final)
    if len(pages) != 1 or field.keeps_size:
        return False
    rectangle = _ordered(field.rectangles[0])
    covered = any(
        _overlap(rectangle, _ordered(each)) and pages[0] in _pages(other, final)
        for other in read_fields(final)
        if other.name != field.name and (other.filled or other.name != place)
        for each in other.rectangles
    )
    return not covered and not _has_ink(issued, pages[0], rectangle)


def _pages(field: Field, final: HistoricalResolver) -> list[int]:
    """The pages, from 0, among whose annotations the field's widget is. What the widget says itself (`/P`)
    doesn't count: viewers don't follow it."""
    found = []
    for number in range(int(final.root["/Pages"]["/Count"])):
        reference, _ = final.find_page_for_modification(number)  # type: ignore[no-untyped-call]
        page = reference.get_object()
        if "/Annots" in page and any(widget in page["/Annots"] for widget in field.widgets):
            found.append(number)
    return found


def _has_ink(issued: bytes, page: int, rectangle: Rectangle) -> bool:
    """Whether anything but paper is under the rectangle. What lies outside the page counts as ink."""
    left, bottom, right, top = rectangle
    with pypdfium2.PdfDocument(issued) as document:
        west, south, east, north = document[page].get_cropbox()
        if left < west or bottom < south or right > east or top > north:
            return True
        picture = document[page].render(scale=_SCALE, grayscale=True).to_pil()
    first = floor(_SCALE * (left - west)), floor(_SCALE * (north - top))
    last = ceil(_SCALE * (right - west)), ceil(_SCALE * (north - bottom))
    darkest, _ = picture.crop((*first, *last)).getextrema()
    return bool(darkest < _PAPER)


def _ordered(rectangle: Rectangle) -> Rectangle:
    (left, right), (bottom, top) = sorted(rectangle[::2]), sorted(rectangle[1::2])
    return left, bottom, right, top


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
