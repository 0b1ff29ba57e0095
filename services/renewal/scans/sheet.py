"""A page as it comes out of its file, before anything is read from it."""

from dataclasses import dataclass

from PIL import Image

LONGEST = 3508  # pixels of an edge: A4 at 300 dpi


@dataclass(frozen=True, slots=True)
class SheetImage:
    """`image`: RGB. `dpi`: its pixels to an inch of paper, as far as the file tells.

    `detail`: pixels of the file's own picture to one of `image`, None where the file has no picture.
    `digital`: made by a computer, never on paper.
    """

    image: Image.Image
    dpi: float | None
    detail: float | None
    digital: bool = False
