"""Reads a JPEG or PNG: the page is the picture itself, turned as the camera was held."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps

from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.decoders.sheet import LONGEST, SheetImage
from services.renewal.scans.limits import Limits

# `Limits` replaces the library's own limit, which is the same for every caller and only warns at first.
Image.MAX_IMAGE_PIXELS = None


_MOST_PIXELS_A_BYTE = {"JPEG": 1100, "PNG": 8 * 1040}
"""The most pixels that a complete file has for each of its bytes, at any compression: a file that declares
more was cut off, or never was complete."""
_BAND = 1024  # rows


def check(file: Path, limits: Limits) -> None:
    """Raises BadUpload, or the library's error, where the picture can't be decoded to its last pixel."""
    with _open(file, limits) as image:
        image.draft("RGB", (LONGEST, LONGEST))
        image.load()


def sheet(file: Path, limits: Limits) -> SheetImage:
    with _open(file, limits) as image:
        longest, exif = max(image.size), image.getexif()
        image.draft("RGB", (LONGEST, LONGEST))
        page = image if image.mode in ("L", "RGB") else _flat(image)
        page.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        page.getexif().update(exif)
        upright = ImageOps.exif_transpose(page).convert("RGB")
    return SheetImage(upright, dpi=None, detail=longest / max(upright.size))


@contextmanager
def _open(file: Path, limits: Limits) -> Iterator[Image.Image]:
    """Checks the limits by the file's header, so that a picture beyond them is never decoded."""
    with Image.open(file, formats=("JPEG", "PNG")) as image:
        count = image.width * image.height
        limits.check_pixels(count)
        limits.check_edges(*image.size)
        limits.check_ratio(*image.size)
        if count > file.stat().st_size * _MOST_PIXELS_A_BYTE["PNG" if image.format == "PNG" else "JPEG"]:
            raise BadUpload("upload_damaged")
        yield image


def _flat(image: Image.Image) -> Image.Image:
    """The picture on a white background. It is converted in bands, because the largest picture allowed would
    need three times the memory at once."""
    image.load()
    flat = Image.new("RGB", image.size, "white")
    for top in range(0, image.height, _BAND):
        band = _eight_bits(image.crop((0, top, image.width, min(top + _BAND, image.height))))
        flat.paste(band, (0, top), band if band.mode == "RGBA" else None)
    image.close()
    return flat


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # The library's own conversion cuts 16 bits off at 255: a grey page would be white.
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGBA")
