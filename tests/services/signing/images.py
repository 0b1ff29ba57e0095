"""A signature in blue and a round red seal, as PNGs with transparent ground."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw

from services.signing.pades.stamp.appearance import StampDetails
from services.signing.pades.stamp.image import StampImage

BLUE, RED = (25, 40, 160), (205, 25, 45)
SIGNATURE_SIZE, SEAL_SIZE = (480, 300), (400, 400)
_SCALE = 4
_FIELD = (60, 120, 260, 200)
"""The field of `issued`, in points from below."""
_STROKE = ((20, 200), (140, 60), (190, 240), (260, 110), (330, 220), (460, 90))


def signature_png() -> bytes:
    image = Image.new("RGBA", SIGNATURE_SIZE)
    ImageDraw.Draw(image).line(_STROKE, fill=BLUE, width=12, joint="curve")
    return png(image)


def seal_png() -> bytes:
    image = Image.new("RGBA", SEAL_SIZE)
    draw = ImageDraw.Draw(image)
    for edge in (4, 60):
        draw.ellipse((edge, edge, 400 - edge, 400 - edge), outline=RED, width=10)
    draw.regular_polygon((200, 200, 80), 5, fill=RED)
    return png(image)


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def loaded(data: bytes) -> StampImage:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "image.png"
        path.write_bytes(data)
        return StampImage.load(path)


def decorated(number: str = "000001/2026/HĐ-GH") -> StampDetails:
    return StampDetails(number, signer=loaded(signature_png()), seal=loaded(seal_png()))


def drawn(pdf: bytes) -> Image.Image:
    """The upper half of the field, within its border, as it looks on the page."""
    left, bottom, right, top = _FIELD
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        page = document[0]
        picture = page.render(scale=_SCALE, may_draw_forms=True).to_pil().convert("RGB")
        height = page.get_height()
    box = (left + 2, height - top + 2, right - 2, height - (top + bottom) / 2)
    west, north, east, south = (round(_SCALE * each) for each in box)
    field: Image.Image = picture.crop((west, north, east, south))
    return field


def columns_of(picture: Image.Image, colour: tuple[int, int, int]) -> list[int]:
    """The columns in which that ink is."""
    width, height = picture.size
    pixels = picture.load()
    assert pixels

    def is_ink(x: int, y: int) -> bool:
        found: Any = pixels[x, y]
        return all(abs(one - other) < 25 for one, other in zip(found, colour, strict=True))

    return [x for x in range(width) if any(is_ink(x, y) for y in range(height))]
