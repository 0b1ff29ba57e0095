"""Pictures of payment orders, as an office uploads them."""

from io import BytesIO

from PIL import Image, ImageDraw


def sample_slip(words: str = "UY NHIEM CHI", kind: str = "PNG") -> bytes:
    """A picture with these words, or a PDF of it."""
    image = Image.new("RGB", (600, 850), "white")
    ImageDraw.Draw(image).text((60, 80), words, fill="black")
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()
