"""Whether a page is blank: the back of a sheet that went through a duplex feeder.

Paper is never white alone: it is shaded, grainy, dusty, has holes and the scanner's dark edges. Ink is what
is darker than the paper right around it, in more than a few places of the page's inside. In doubt a page is
not blank, and a person sees it.
"""

from PIL import Image, ImageChops, ImageFilter

_WIDTH = 620
"""Pixels: 75 to an inch of A4, at which grain is gone and a pencil's line is still there."""
_EDGE = 0.08
"""Of each side: holes and the scanner's edges lie there."""
_AROUND = 14
_INK = 7
"""Of 255, by which ink is darker than the paper around it."""
_TILE = 16
_INKED = 20
"""Pixels of ink in a tile, of 256: a speck of dust has fewer."""
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
