"""Simulates a scanner and its feeder: printed pages become pictures that are skewed, noisy, shaded and
folded.

For the demo and the tests, which have no paper. The same seed gives the same pictures.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from random import Random
from statistics import NormalDist

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from deploy.local.demo.stamp import signature_field, stamp

_INCH = 72  # points


def scan_pages(
    pdf: bytes,
    *,
    seed: int,
    turn: int = 0,
    skew: float = 0.0,
    noise: float = 0.0,
    dpi: int = 200,
    shadow: float = 0.0,
    folded: bool = False,
    sealed: bool = False,
    quality: int = 80,
) -> list[bytes]:
    """A JPEG of each page.

    `turn`: quarter turns in degrees, clockwise; `skew`: further degrees, clockwise; `noise`: its standard
    deviation (of 255); `shadow`: the share of light that is missing at the left edge, 0 to 1; `folded`: in
    three, like a letter; `sealed`: signed and stamped if the page has a signature field.
    """
    random = Random(seed)  # noqa: S311 -- it is noise
    jpegs = []
    for page in _printed(pdf, dpi, sealed):
        worn = _shaded(_folded(page) if folded else page, shadow)
        laid = worn.rotate(-skew, Image.Resampling.BICUBIC, fillcolor="white").rotate(-turn, expand=True)
        jpegs.append(_jpeg(_noisy(laid, noise, random), quality, dpi))
    return jpegs


def feeder_pdf(pages: Sequence[bytes]) -> bytes:
    """One PDF of the pages (JPEGs from `scan_pages`), as a scanner with a feeder sends it."""
    first, *others = (Image.open(BytesIO(page)) for page in pages)
    out = BytesIO()
    first.save(out, "PDF", save_all=True, append_images=others, resolution=first.info["dpi"][0])
    return out.getvalue()


def _jpeg(page: Image.Image, quality: int, dpi: int) -> bytes:
    out = BytesIO()
    page.save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()


def _printed(pdf: bytes, dpi: int, sealed: bool) -> Iterator[Image.Image]:
    scale = dpi / _INCH
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            drawn = page.render(scale=scale).to_pil().convert("RGB")
            field = signature_field(page) if sealed else None
            yield stamp(drawn, field, dpi) if field else drawn


def _shaded(page: Image.Image, shadow: float) -> Image.Image:
    """Darker towards the left edge, where the scanner's lid does not close."""
    light = Image.linear_gradient("L").rotate(90).resize(page.size)
    shade = light.point([round(255 - shadow * (255 - value)) for value in range(256)])
    return ImageChops.multiply(page, Image.merge("RGB", [shade] * 3))


def _folded(page: Image.Image) -> Image.Image:
    """Two creases across the page, grey with a bright ridge."""
    crease = Image.new("L", page.size, 255)
    draw = ImageDraw.Draw(crease)
    for third in (1, 2):
        y = page.height * third // 3
        draw.line([(0, y), (page.width, y)], fill=130, width=max(2, page.height // 500))
    soft = crease.filter(ImageFilter.GaussianBlur(page.height / 1500))
    return ImageChops.multiply(page, Image.merge("RGB", [soft] * 3))


def _noisy(page: Image.Image, deviation: float, random: Random) -> Image.Image:
    if not deviation:
        return page
    normal = NormalDist(128, deviation)
    grains = [min(255, max(0, round(normal.inv_cdf((value + 0.5) / 256)))) for value in range(256)]
    grain = Image.frombytes("L", page.size, random.randbytes(page.width * page.height)).point(grains)
    return ImageChops.add(page, Image.merge("RGB", [grain] * 3), offset=-128)
