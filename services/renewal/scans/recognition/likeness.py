"""Whether a picture was rendered from the form's own file, so that it never was on paper.

It was, if the whole page agrees with the file: it has all of the file's ink and no other, each line is within
about a sixth of a millimetre of its place, and the rest is whiter than paper ever is. A page that was printed
and scanned is shifted, stretched or rotated by more, and one stroke of a pen makes a difference. This doesn't
look for a stamp. In doubt, a picture counts as one of paper.
"""

from io import BytesIO

import pypdfium2
from PIL import Image, ImageChops, ImageFilter, ImageStat

_WIDTH = 827
"""In pixels: 100 dpi for A4. At this resolution the edges of letters, which differ by program, matter
less."""
_FINER = 2
_BLOCK = 8
_INK = 30
"""The largest difference in ink, of 255, averaged over a block of 2 mm: a stroke of 0.3 mm makes more."""
_DIFFERENCE = 9.0
"""The largest difference, of 255, averaged over the page: paper that is shifted by 0.2 mm makes more."""
_GREY = 0.6
"""The largest darkness, of 255, averaged where the file is white: paper makes 5, a scanner's noise of 3 makes
1."""
_WHITE = 254


def is_drawing(picture: bytes, form: bytes) -> bool:
    """Whether the picture (JPEG, upright) is a page of the form (PDF) as a program renders it."""
    with Image.open(BytesIO(picture)) as opened:
        opened.draft("RGB", (_WIDTH, _WIDTH))
        small = _small(opened.convert("RGB"))
    if sum(small.histogram()[_WHITE:]) * 2 < small.width * small.height:
        return False
    with pypdfium2.PdfDocument(form) as document:
        return any(_is_drawn(small, page) for page in document)


def _small(picture: Image.Image) -> Image.Image:
    width = min(picture.width, _WIDTH)
    height = round(picture.height * width / picture.width)
    return _darkest(picture.resize((width, height), Image.Resampling.BOX))


def _is_drawn(picture: Image.Image, page: pypdfium2.PdfPage) -> bool:
    width, height = page.get_size()
    if abs(picture.width / width * height - picture.height) > _BLOCK:
        return False
    drawn = _render(page, picture.size)
    between = drawn.filter(ImageFilter.MinFilter(9)).point(lambda value: 255 if value >= _WHITE else 0)
    return (
        _mean(ImageChops.difference(drawn, picture)) <= _DIFFERENCE
        and _most(ImageChops.subtract(_wider(drawn), picture)) <= _INK
        and _most(ImageChops.subtract(_wider(picture), drawn)) <= _INK
        and 255 - ImageStat.Stat(picture, between).mean[0] <= _GREY
    )


def _render(page: pypdfium2.PdfPage, size: tuple[int, int]) -> Image.Image:
    large = page.render(scale=_FINER * size[0] / page.get_width()).to_pil().convert("RGB")
    return _darkest(large.resize(size, Image.Resampling.BOX))


def _darkest(picture: Image.Image) -> Image.Image:
    """The darkest of the three channels, so that ink of any colour counts."""
    red, green, blue = picture.split()
    return ImageChops.darker(ImageChops.darker(red, green), blue)


def _wider(picture: Image.Image) -> Image.Image:
    """The picture with its ink a pixel wider on each side."""
    return picture.filter(ImageFilter.MinFilter(3))


def _mean(picture: Image.Image) -> float:
    mean: float = ImageStat.Stat(picture).mean[0]
    return mean


def _most(ink: Image.Image) -> int:
    """The average of the block with the most ink."""
    return int(ink.reduce(_BLOCK).getextrema()[1])  # type: ignore[arg-type]
