"""A JPEG or PNG: the page is the picture itself, as its camera held it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps

from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import Limits
from services.renewal.scans.sheet import LONGEST, Sheet

# The library's own limit warns first, and counts the same for every caller: `Limits` are ours.
Image.MAX_IMAGE_PIXELS = None


def check(file: Path, limits: Limits) -> None:
    """Raises BadUpload, or the library's error, where it cannot be decoded to its last pixel."""
    with _opened(file, limits) as image:
        image.load()


def sheet(file: Path, limits: Limits) -> Sheet:
    with _opened(file, limits) as image:
        longest = max(image.size)
        image.draft("RGB", (LONGEST, LONGEST))
        # Made small first: the largest allowed would fill the memory three times over in what follows.
        small = _eight_bits(image)
        small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        page = _on_white(ImageOps.exif_transpose(small))
    return Sheet(page, dpi=None, detail=longest / max(page.size))


@contextmanager
def _opened(file: Path, limits: Limits) -> Iterator[Image.Image]:
    with Image.open(file, formats=("JPEG", "PNG")) as image:
        if image.width * image.height > limits.pixels:
            raise BadUpload("upload_too_many_pixels", {"most": limits.pixels // 1_000_000})
        yield image


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # The library's own conversion cuts 16 bits off at 255: a grey page would be white.
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGBA")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white.convert("RGB")
