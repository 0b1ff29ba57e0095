"""The QR on a form: on every page, readable, and with free space around it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops

from services.renewal.domain.registration.form_code import (
    QR_MODULES,
    QR_SIDE_MM,
    QR_WHITE,
    FormCode,
    PaperKind,
    parse_digits,
)

pytestmark = pytest.mark.timeout(900)

DPI = 200
MODULE = QR_SIDE_MM / (QR_MODULES + 2 * QR_WHITE)

Files = dict[tuple[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as poppler renders it, the text of its only QR, and the QR's dark square in millimetres."""

    image: Image.Image
    code: FormCode | None
    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, file: Path) -> "Seen":
        image = Image.open(file).convert("L")
        (found,) = zxingcpp.read_barcodes(image)
        corner, opposite = found.position.top_left, found.position.bottom_right
        edges = (25.4 / DPI * edge for edge in (corner.x, corner.y, opposite.x, opposite.y))
        return cls(image, parse_digits(found.text), *edges)


Drawn = tuple[list[Seen], str]


@pytest.fixture(scope="module", params=["short", "lines", "terminated", "assent"])
def drawn(request: pytest.FixtureRequest, files: Files, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    kind = "contract" if request.param == "assent" else "form"
    pdf, folder = files[kind, request.param], tmp_path_factory.mktemp("drawn")
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", "-", f"{folder}/page"], input=pdf, check=True)
    return [Seen.of(path) for path in sorted(folder.iterdir())], request.param


def test_every_page_says_which_form_it_is_of(drawn: Drawn) -> None:
    seen, name = drawn
    revision = 2 if name == "terminated" else 1
    paper: PaperKind = "contract" if name == "assent" else "form"
    assert {page.code for page in seen} == {FormCode(number="GH-VSWE-60Y3", revision=revision, paper=paper)}


def test_qr_is_in_the_lower_margin_where_the_text_begins(drawn: Drawn) -> None:
    dark = MODULE * QR_MODULES
    for page in drawn[0]:
        assert page.left == pytest.approx(30, abs=0.4)
        assert page.right == pytest.approx(30 + dark, abs=0.5)
        assert page.bottom - page.top == pytest.approx(dark, abs=0.5)
        assert page.top > 297 - 25
        assert page.bottom < 297 - 5  # printers leave 4.2 mm unprinted


def test_nothing_is_in_the_white_space_of_the_qr(drawn: Drawn) -> None:
    white = MODULE * QR_WHITE - 0.3
    for page in drawn[0]:
        box = (page.left - white, page.top - white, page.right + white, page.bottom + white)
        around = page.image.crop(_pixels(*box))
        inner = _pixels(white - 0.4, white - 0.4, page.right - page.left + white + 0.4,
                        page.bottom - page.top + white + 0.4)  # fmt: skip
        around.paste(255, inner)
        assert ImageChops.invert(around).getbbox() is None


def _pixels(left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    edges = [round(each / 25.4 * DPI) for each in (left, top, right, bottom)]
    return edges[0], edges[1], edges[2], edges[3]
