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
        upright = _on_white(ImageOps.exif_transpose(image))
    upright.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return Sheet(upright, dpi=None, detail=longest / max(upright.size))


@contextmanager
def _opened(file: Path, limits: Limits) -> Iterator[Image.Image]:
    with Image.open(file, formats=("JPEG", "PNG")) as image:
        if image.width * image.height > limits.pixels:
            raise BadUpload("upload_too_many_pixels", {"most": limits.pixels // 1_000_000})
        yield image


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image.convert("RGBA"))
    return white.convert("RGB")
