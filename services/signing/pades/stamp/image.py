"""Images on a stamp: a person's handwritten signature, or an organisation's seal."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Self

from PIL import Image

LARGEST = 1024**2
_PIXELS = range(60, 2001)
_KEPT = 600
"""Pixels of the longer side: 300 dpi on a stamp of 5 cm."""


class BadStampImage(Exception):
    """The image can't be used; the text says why."""


@dataclass(frozen=True, slots=True)
class StampImage:
    """`png` has transparent ground and nothing but pixels. `ratio` is its width by its height."""

    png: bytes
    ratio: float

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the PNG in this file. Raises BadStampImage, whose text names the file."""
        try:
            return cls.read(path.read_bytes())
        except OSError as error:
            raise BadStampImage(f"{path}: {error.strerror}") from error
        except BadStampImage as error:
            raise BadStampImage(f"{path}: {error}") from error

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read a PNG of at most 1 MiB, 60 to 2000 pixels wide and high, with transparent ground. Raises
        BadStampImage."""
        if len(data) > LARGEST:
            raise BadStampImage(f"more than {LARGEST} bytes")
        try:
            with Image.open(BytesIO(data), formats=["PNG"]) as image:
                image.verify()  # WeasyPrint has Pillow read truncated images without an error
            with Image.open(BytesIO(data), formats=["PNG"]) as image:
                if image.width not in _PIXELS or image.height not in _PIXELS:
                    raise BadStampImage(f"{image.width} × {image.height} pixels")
                return cls._of(image.convert("RGBA"))
        except BadStampImage:
            raise
        except Exception as error:  # a damaged file makes Pillow raise nearly anything
            raise BadStampImage("isn't a PNG, or is damaged") from error

    @classmethod
    def _of(cls, image: Image.Image) -> Self:
        lightest, darkest = image.getchannel("A").getextrema()
        if lightest != 0 or darkest == 0:
            raise BadStampImage("has no transparent ground, or nothing on it")
        image.thumbnail((_KEPT, _KEPT))
        plain, out = Image.new("RGBA", image.size), BytesIO()
        plain.paste(image)
        plain.save(out, "PNG")
        return cls(out.getvalue(), image.width / image.height)
