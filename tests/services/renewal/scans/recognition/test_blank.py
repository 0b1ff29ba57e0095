"""The backs of sheets from a feeder, and faint marks on them that a person must see."""

from collections.abc import Callable
from random import Random

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from services.renewal.scans.recognition.blank import is_blank

A4 = (1654, 2339)  # 200 dots to an inch
Mark = Callable[[Image.Image], None]


def back(*, noise: float = 6.0, shadow: float = 0.15, size: tuple[int, int] = A4) -> Image.Image:
    """Unprinted paper: off-white, shaded to one side, grainy (`noise`: its standard deviation, of 255)."""
    light = Image.linear_gradient("L").rotate(90).resize(size)
    paper = light.point(lambda value: round(244 - shadow * (255 - value)))
    return ImageChops.add(paper, Image.effect_noise(size, noise), offset=-128).convert("RGB")


def _holes(page: Image.Image) -> None:
    draw = ImageDraw.Draw(page)
    for y in (page.height // 2 - 315, page.height // 2 + 315):
        draw.ellipse((70, y - 24, 118, y + 24), fill=(40, 40, 40))


def _edges(page: Image.Image) -> None:
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 30, page.height), fill=(90, 90, 90))
    draw.rectangle((0, page.height - 20, page.width, page.height), fill=(20, 20, 20))


def _dust(page: Image.Image) -> None:
    random, draw = Random(5), ImageDraw.Draw(page)
    for _ in range(40):
        x, y, r = random.randrange(page.width), random.randrange(page.height), random.randrange(1, 3)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(120, 120, 120))


def _pencil(page: Image.Image) -> None:
    """A few words at light pressure, 0.5 mm wide."""
    random, draw = Random(6), ImageDraw.Draw(page)
    at = (700.0, 900.0)
    for _ in range(60):
        to = (at[0] + random.uniform(-4, 14), 900 + random.uniform(-22, 22))
        draw.line((*at, *to), fill=(190, 190, 190), width=4)
        at = to


def _tick(page: Image.Image) -> None:
    ImageDraw.Draw(page).line((820, 1200, 850, 1240, 920, 1120), fill=(120, 130, 170), width=5)


def _faint_stamp(page: Image.Image) -> None:
    draw = ImageDraw.Draw(page)
    draw.ellipse((900, 1500, 1184, 1784), outline=(246, 205, 205), width=6)
    draw.ellipse((950, 1550, 1134, 1734), outline=(246, 205, 205), width=4)


def _print(page: Image.Image) -> None:
    ImageDraw.Draw(page).text((300, 400), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", fill="black", font_size=36)


@pytest.mark.parametrize("marks", [(), (_holes,), (_edges,), (_dust,), (_holes, _edges, _dust)])
@pytest.mark.parametrize("noise", [0.0, 12.0])
def test_unprinted_back_is_blank(marks: tuple[Mark, ...], noise: float) -> None:
    page = back(noise=noise, shadow=0.3)
    for mark in marks:
        mark(page)
    assert is_blank(page)


@pytest.mark.parametrize("mark", [_pencil, _tick, _faint_stamp, _print])
@pytest.mark.parametrize("turn", [0, 90])
def test_whatever_somebody_put_on_it_is_seen(mark: Mark, turn: int) -> None:
    page = back()
    mark(page)
    assert not is_blank(page.rotate(turn, expand=True))


def test_dark_and_blurred_pages_are_for_a_person() -> None:
    assert not is_blank(Image.new("RGB", A4, (60, 60, 60)))
    page = back()
    _print(page)
    assert not is_blank(page.filter(ImageFilter.GaussianBlur(3)))


def test_size_of_the_picture_does_not_matter() -> None:
    for size in ((827, 1170), (2480, 3508), (2339, 1654)):
        assert is_blank(back(size=size))
