"""Whether a page is blank: the back of a sheet that went through a duplex feeder.

Scanned paper is never purely white: it has shade, grain, dust, holes and the scanner's dark edges. Ink is
what is darker than the paper directly around it, in more than a few places inside the margins. In doubt, a
page isn't blank, and a person looks at it.
"""

from PIL import Image, ImageChops, ImageFilter

_WIDTH = 620
"""In pixels: 75 dpi for A4. At this resolution grain disappears and a pencil line is still visible."""
_EDGE = 0.08
"""The margin on each side, as a share of it: it contains holes and the scanner's dark edges."""
_AROUND = 14
_INK = 7
"""By how much, of 255, ink is darker than the paper around it."""
_TILE = 16
_INKED = 20
"""The fewest pixels of ink in an inked tile, of its 256: a speck of dust has fewer."""
_TILES = 3
_DARKEST_PAPER = 120


def is_blank(page: Image.Image) -> bool:
    inside = _inside(page.convert("L"))
    paper = inside.filter(ImageFilter.BoxBlur(_AROUND))
    if any(paper.histogram()[:_DARKEST_PAPER]):
        return False
    ink = ImageChops.subtract(paper, inside).point(lambda darker: 255 if darker > _INK else 0)
    tiles = ink.reduce(_TILE).histogram()
    return sum(tiles[_INKED:]) < _TILES


def _inside(page: Image.Image) -> Image.Image:
    scale = _WIDTH / min(page.size)
    width, height = round(scale * page.width), round(scale * page.height)
    small = page.resize((width, height), Image.Resampling.BOX)
    x, y = round(_EDGE * width), round(_EDGE * height)
    return small.crop((x, y, width - x, height - y)).filter(ImageFilter.GaussianBlur(1))
