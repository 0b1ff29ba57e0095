"""Reads a page of an upload. Runs in a worker process."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Literal, cast

from PIL import Image

from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.decoders import pdf, pdf_file, photo
from services.renewal.scans.decoders.sheet import SheetImage
from services.renewal.scans.limits import Limits
from services.renewal.scans.page import LEAST_DPI, Remark, ScannedPage
from services.renewal.scans.recognition.blank import is_blank
from services.renewal.scans.recognition.qr import QrMark, marks

_QUALITY = 80
_MEASURED = 0.95  # the precision of a resolution that is measured on a QR
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


def pages(file: Path, limits: Limits) -> int:
    """The number of pages, after the check that the file is a complete PDF, JPEG or PNG. Raises BadUpload."""
    if _is_pdf(file):
        return pdf.check(file, limits)
    photo.check(file, limits)
    return 1


def page(file: Path, number: int, limits: Limits) -> ScannedPage:
    sheet = pdf.sheet(file, number, limits) if _is_pdf(file) else photo.sheet(file, limits)
    found = marks(sheet.image)
    codes = {mark.code for mark in found}
    upside = _upside(found[0]) if found else 0
    image = sheet.image.rotate(-upside, expand=True)
    dpi = sheet.dpi or (found[0].dpi if found else None)
    resolution = dpi and sheet.detail and dpi * sheet.detail
    return ScannedPage(
        number=number,
        image=_jpeg(image, dpi),
        width=image.width,
        height=image.height,
        dpi=dpi and round(dpi),
        resolution=resolution and round(resolution),
        code=codes.pop() if len(codes) == 1 else None,
        upside=upside,
        warnings=tuple(_remarks(sheet, resolution, len(codes))),
        blank=not found and is_blank(sheet.image),
        digital=sheet.digital,
    )


def _is_pdf(file: Path) -> bool:
    """By the file's content; its beginning decides where it could be several kinds. Raises BadUpload where it
    is neither a PDF, a JPEG nor a PNG."""
    with file.open("rb") as opened:
        if opened.read(16).startswith((_JPEG, _PNG)):
            return False
    if pdf_file.begins(file) is None:
        raise BadUpload("upload_kind")
    return True


def _upside(mark: QrMark) -> Literal[0, 90, 180, 270]:
    return cast("Literal[0, 90, 180, 270]", -round(mark.angle / 90) * 90 % 360)


def _jpeg(image: Image.Image, dpi: float | None) -> bytes:
    """With colour at full resolution (no subsampling), because the seal is recognised by its red."""
    image.info.clear()
    out = BytesIO()
    density = {"dpi": (round(dpi), round(dpi))} if dpi else {}
    image.save(out, "JPEG", quality=_QUALITY, subsampling=0, **density)
    return out.getvalue()


def _remarks(sheet: SheetImage, resolution: float | None, codes: int) -> Iterator[Remark]:
    exact = 1 if sheet.dpi else _MEASURED
    if resolution and round(resolution) < LEAST_DPI * exact:
        yield "low_resolution"
    if codes > 1:
        yield "several_codes"
