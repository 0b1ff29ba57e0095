"""A signature in blue and a round red seal, as PNGs with transparent ground."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw

from services.signing.pades.stamp.appearance import StampDetails
from services.signing.pades.stamp.image import StampImage

BLUE, RED = (25, 40, 160), (205, 25, 45)
SIGNATURE_SIZE, SEAL_SIZE = (480, 300), (400, 400)
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
