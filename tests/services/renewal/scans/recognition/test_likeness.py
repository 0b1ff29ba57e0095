"""A picture that a program rendered from the form's file is distinguished from pictures of paper, also very
clean ones."""

import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from deploy.local.demo.scanner import scan_pages
from services.renewal.scans.recognition.likeness import is_drawing
from tests.services.renewal.scans.conftest import Papers

MM = 300 / 25.4
"""In pixels of a page in these tests."""


def jpeg(picture: Image.Image, quality: int = 80) -> bytes:
    out = BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def flatbed(form: bytes, page: int = 0) -> Image.Image:
    """As if paper lay exactly on the scanner and were perfectly white."""
    with pypdfium2.PdfDocument(form) as document:
        drawn: Image.Image = document[page].render(scale=300 / 72).to_pil().convert("RGB")
        return drawn


@pytest.mark.parametrize("dpi", [72, 100, 150, 200, 300])
def test_drawings_of_another_program(papers: Papers, tmp_path: Path, dpi: int) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(papers.form)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", file, tmp_path / "page"], check=True)
    drawings = [Image.open(each) for each in sorted(tmp_path.glob("page*.png"))]
    assert len(drawings) == 2
    for quality in (50, 80):
        assert all(is_drawing(jpeg(each, quality), papers.form) for each in drawings)


@pytest.mark.parametrize(
    "redrawn",
    [
        lambda page: page,
        lambda page: page.resize((1000, 1414)),
        lambda page: page.convert("L"),
        lambda page: page.convert("P", palette=Image.Palette.ADAPTIVE, colors=16),
        lambda page: page.crop((2, 2, page.width - 2, page.height - 2)),
    ],
    ids=["as it is", "smaller", "grey", "16 colours", "cut by 2 pixels"],
)
def test_drawings_changed_by_hand(papers: Papers, redrawn: Callable[[Image.Image], Image.Image]) -> None:
    assert is_drawing(jpeg(redrawn(flatbed(papers.form))), papers.form)


def moved(page: Image.Image, mm: float) -> Image.Image:
    return page.transform(
        page.size, Image.Transform.AFFINE, (1, 0, -mm * MM, 0, 1, -mm * MM), fillcolor="white"
    )


def stretched(page: Image.Image, by: float) -> Image.Image:
    return page.transform(page.size, Image.Transform.AFFINE, (1 / by, 0, 0, 0, 1 / by, 0), fillcolor="white")


def inked(page: Image.Image, colour: tuple[int, int, int], seal_mm: float = 0) -> Image.Image:
    draw = ImageDraw.Draw(page)
    if seal_mm:
        draw.ellipse((450, 2600, 450 + seal_mm * MM, 2600 + seal_mm * MM), outline=colour, width=6)
    else:
        draw.line([(450, 2700), (630, 2550), (750, 2745)], fill=colour, width=5)
    return page


@pytest.mark.parametrize(
    "scan",
    [
        lambda page: moved(page, 0.25),
        lambda page: stretched(page, 1.002),
        lambda page: stretched(page, 0.97),
        lambda page: page.rotate(0.2, Image.Resampling.BICUBIC, fillcolor="white"),
        lambda page: page.point(lambda value: min(value, 250)),
        lambda page: moved(page, 0.4).convert("1", dither=Image.Dither.NONE),
        lambda page: inked(page, (205, 25, 45), seal_mm=36),
        lambda page: inked(page, (205, 25, 45), seal_mm=8),
        lambda page: inked(page, (40, 60, 170)),
    ],
    ids=["0.25 mm aside", "0.2 % larger", "fitted to the page", "askew", "paper", "black and white", "seal",
         "tiny seal", "signature alone"],
)  # fmt: skip
def test_cleanest_scans_are_pictures_of_paper(
    papers: Papers, scan: Callable[[Image.Image], Image.Image]
) -> None:
    """Each is ideal except for one thing; real paper has all of them."""
    assert not is_drawing(jpeg(scan(flatbed(papers.form))), papers.form)


def test_noise_alone_makes_a_scan_and_so_does_another_form(papers: Papers) -> None:
    assert not is_drawing(scan_pages(papers.form, seed=1, noise=3)[0], papers.form)
    assert not is_drawing(scan_pages(papers.form, seed=1)[0], papers.later_form)
    assert is_drawing(scan_pages(papers.form, seed=1)[0], papers.form)
