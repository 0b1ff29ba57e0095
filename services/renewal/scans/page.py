"""A page of an upload as it is stored and displayed."""

from typing import Literal

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.form_code import FormCode

# The vendor keeps a colour scan of at least 200 dpi.
LEAST_DPI = 200

Remark = Literal["low_resolution", "several_codes"]


class ScannedPage(Frozen):
    """A page. `image` is a JPEG that was rendered again, so it contains none of the upload's bytes; `width`
    and `height` are in pixels.

    `number` counts from 1. `dpi` is the image's resolution on the paper; `resolution` is the one that the
    paper was scanned with, which may be lower. Both are None where they are unknown. `code` is None where
    none of our codes was found, or several different ones. `upside`: by how many degrees clockwise the page
    was turned to make its code, and so its text, upright. `blank`: nothing is on it. `digital`: it comes from
    a computer and not from paper, so it has no stamp. A picture that a program rendered from a form is only
    recognised by a comparison with that form (`Scans.is_drawing`).
    """

    number: int
    image: bytes
    width: int
    height: int
    dpi: int | None
    resolution: int | None
    code: FormCode | None
    upside: Literal[0, 90, 180, 270]
    warnings: tuple[Remark, ...]
    blank: bool = False
    digital: bool = False
