"""The demo's scanner: the same seed gives the same pictures, and every setting is visible."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText

from deploy.local.demo.scanner import feeder_pdf, scan_pages


@pytest.fixture(scope="module")
def sheets() -> bytes:
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(595.276, 841.89)
    writer.add_blank_page(841.89, 595.276)
    writer.write(out)
    return out.getvalue()


def over(value: int) -> int:
    """Without what JPEG makes around strokes."""
    return 255 if value > 60 else 0


def mean(jpeg: bytes, box: tuple[int, int, int, int]) -> float:
    return ImageStat.Stat(Image.open(BytesIO(jpeg)).convert("L").crop(box)).mean[0]


def test_same_seed_same_pictures(sheets: bytes) -> None:
    first, again = (scan_pages(sheets, seed=1, noise=20, skew=1) for _ in range(2))
    assert first == again != scan_pages(sheets, seed=2, noise=20, skew=1)


def test_pages_keep_their_size_and_are_turned(sheets: bytes) -> None:
    upright, turned = (scan_pages(sheets, seed=1, dpi=100, turn=turn) for turn in (0, 90))
    sizes = [Image.open(BytesIO(page)).size for page in upright]
    assert sizes == [(827, 1170), (1170, 827)]
    assert [Image.open(BytesIO(page)).size for page in turned] == sizes[::-1]


def test_shadow_lies_at_the_left_and_folds_cross_the_page(sheets: bytes) -> None:
    page = scan_pages(sheets, seed=1, dpi=100, shadow=0.5, folded=True)[0]
    assert mean(page, (0, 100, 20, 200)) < 160
    assert mean(page, (800, 100, 827, 200)) > 240
    assert mean(page, (800, 388, 827, 392)) < 200


def test_seal_and_signature_lie_where_the_field_is() -> None:
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(595.276, 841.89)
    writer.add_annotation(0, FreeText(text="", rect=(300, 400, 500, 500)))
    writer.write(out)
    unsealed, sealed = (
        Image.open(BytesIO(scan_pages(out.getvalue(), seed=1, sealed=sealed)[0])) for sealed in (False, True)
    )
    left, top, right, bottom = ImageChops.difference(unsealed, sealed).point(over).getbbox() or (0,) * 4
    points = [round(pixels * 72 / 200) for pixels in (left, top, right, bottom)]
    assert points == pytest.approx([300, 341, 480, 443], abs=3)
    red, green, blue = ImageStat.Stat(sealed.crop((985, 1105, 995, 1115))).mean
    assert red > 150 + max(green, blue)


def test_noise_has_its_deviation(sheets: bytes) -> None:
    page = Image.open(BytesIO(scan_pages(sheets, seed=1, dpi=100, shadow=0.5, noise=10, quality=100)[0]))
    strip = page.convert("L").crop((100, 100, 102, 900))
    assert ImageStat.Stat(strip).stddev[0] == pytest.approx(10, abs=1.5)


def test_feeder_keeps_pages_in_order_at_their_size(sheets: bytes) -> None:
    pages = PdfReader(BytesIO(feeder_pdf(scan_pages(sheets, seed=1, dpi=150)))).pages
    sizes = [(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in pages]
    assert sizes == [(596, 842), (842, 596)]
