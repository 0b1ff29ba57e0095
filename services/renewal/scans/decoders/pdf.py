"""Renders the pages of a PDF. Whatever isn't visible in it is never used."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.decoders.pdf_file import trim
from services.renewal.scans.decoders.sheet import LONGEST, SheetImage
from services.renewal.scans.limits import Limits
from services.renewal.scans.page import LEAST_DPI
from services.renewal.scans.recognition.origin import is_digital, is_signed, size_on_page

_FINEST = 300  # dpi of a rendered page
_LARGEST_PAPER = 17.5  # inches; A3 has 16.5. A larger page comes from a tool that ignores paper sizes
_INCH = 72  # points


def check(file: Path, limits: Limits) -> int:
    """The number of pages. Raises BadUpload, or the library's error, where the file can't be opened
    completely."""
    trim(file)
    if not limits.signed and is_signed(file):
        raise BadUpload("upload_signed")
    with _open(file) as document:
        if len(document) > limits.pages:
            raise BadUpload("upload_too_many_pages", {"most": limits.pages})
        if not len(document):
            raise BadUpload("upload_damaged")
        return len(document)


def sheet(file: Path, number: int, limits: Limits) -> SheetImage:
    with _open(file) as document:
        page = document[number - 1]
        limits.check_ratio(*page.get_size())
        found = _resolution(page, limits)
        inches = max(page.get_size()) / _INCH
        on_paper = inches <= _LARGEST_PAPER
        wanted = min(_FINEST, max(LEAST_DPI, found or 0)) if on_paper else LONGEST / inches
        dpi = min(wanted, LONGEST / inches)
        scale = dpi / _INCH
        image = page.render(scale=scale).to_pil().convert("RGB")
        digital = is_digital(page, scale)
    return SheetImage(image, dpi=dpi if on_paper else None, detail=found and found / dpi, digital=digital)


@contextmanager
def _open(file: Path) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise BadUpload("upload_encrypted") from None
        raise
    with document:
        yield document


def _resolution(page: pypdfium2.PdfPage, limits: Limits) -> float | None:
    """The resolution (dpi) of the largest picture on the page, on its coarser axis. None where there is no
    picture."""
    pictures = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
    pixels = [(width * height, width, height) for width, height in (each.get_px_size() for each in pictures)]
    limits.check_pixels(sum(count for count, _, _ in pixels))
    for _, width, height in pixels:
        limits.check_edges(width, height)
    if not pictures:
        return None
    (_, width, height), picture = max(zip(pixels, pictures, strict=True), key=lambda pair: pair[0][0])
    across, along = size_on_page(picture)
    return min(width / across, height / along) * _INCH if across and along else None
