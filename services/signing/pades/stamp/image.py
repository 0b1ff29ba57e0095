"""Images on a stamp: a person's handwritten signature, or an organisation's seal."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Self

from PIL import Image

_LARGEST = 1024**2
_PIXELS = range(60, 2001)
_KEPT = 600
"""Pixels of the longer side: 300 dpi on a stamp of 5 cm."""


class BadStampImage(Exception):
    """The image can't be used; the text says why, and names the file."""


@dataclass(frozen=True, slots=True)
class StampImage:
    """`png` has transparent ground and nothing but pixels. `ratio` is its width by its height."""

    png: bytes
    ratio: float

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a PNG of at most 1 MiB, 60 to 2000 pixels wide and high, with transparent ground. Raises
        BadStampImage."""
        try:
            data = path.read_bytes()
            if len(data) > _LARGEST:
                raise BadStampImage(f"{path}: more than {_LARGEST} bytes")
            with Image.open(BytesIO(data), formats=["PNG"]) as image:
                image.verify()  # WeasyPrint has Pillow read truncated images without an error
            with Image.open(BytesIO(data), formats=["PNG"]) as image:
                if image.width not in _PIXELS or image.height not in _PIXELS:
                    raise BadStampImage(f"{path}: {image.width} × {image.height} pixels")
                return cls._of(image.convert("RGBA"), path)
        except BadStampImage:
            raise
        except Exception as error:  # a damaged file makes Pillow raise nearly anything
            reason = getattr(error, "strerror", None) or "isn't a PNG, or is damaged"
            raise BadStampImage(f"{path}: {reason}") from error

    @classmethod
    def _of(cls, image: Image.Image, path: Path) -> Self:
        lightest, darkest = image.getchannel("A").getextrema()
        if lightest != 0 or darkest == 0:
            raise BadStampImage(f"{path}: has no transparent ground, or nothing on it")
        image.thumbnail((_KEPT, _KEPT))
        plain, out = Image.new("RGBA", image.size), BytesIO()
        plain.paste(image)
        plain.save(out, "PNG")
        return cls(out.getvalue(), image.width / image.height)
