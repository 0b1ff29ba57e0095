"""A page as it is rendered from its file, before anything is read from it."""

from dataclasses import dataclass

from PIL import Image

LONGEST = 3508  # pixels of an edge: A4 at 300 dpi


@dataclass(frozen=True, slots=True)
class SheetImage:
    """A rendered page. `image`: RGB. `dpi`: its resolution on the paper; None where the file doesn't say.

    `detail`: the resolution of the file's own picture divided by that of `image`; None where the file has no
    picture. `digital`: it was made by a computer and never was on paper.
    """

    image: Image.Image
    dpi: float | None
    detail: float | None
    digital: bool = False
