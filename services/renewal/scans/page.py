"""A page of an upload as it is kept and shown."""

from typing import Literal

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.form_code import FormCode

# The vendor keeps a colour scan of at least 200 dpi.
LEAST_DPI = 200

Remark = Literal["low_resolution", "several_codes"]


class ScannedPage(Frozen):
    """`image` is a JPEG drawn anew, `width` and `height` in pixels: nothing of the upload's bytes is in it.

    `number` counts from 1. `dpi`: pixels of the image to an inch of the paper; `resolution`: dots to an
    inch that the paper was scanned with, which may be fewer; None where nothing tells. `code`: None where
    none of ours was found, or several different ones. `upside`: degrees clockwise by which the page was
    turned so that its code, and so its text, stands upright. `blank`: nothing was put on it.
    `digital`: it comes from a computer, not from paper: a form as it is printed, without any stamp. Of a
    picture that a program drew of a form this is known only beside that form (`Scans.is_drawing`).
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
