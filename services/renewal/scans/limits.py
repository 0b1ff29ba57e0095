"""The limits of an upload."""

from pydantic import Field

from services.renewal.domain.frozen import Frozen
from services.renewal.scans.bad_upload import BadUpload


class Limits(Frozen):
    """The limits: `bytes` of the file, `pages` of a PDF, `pixels` of a photo or of all pictures on one page,
    `edge` the pixels of one side of a picture, `ratio` its long side divided by its short one. `signed`:
    whether a PDF may have a digital signature, which is lost when its pages are rendered again."""

    bytes: int = Field(20 * 1024**2, ge=1)
    pages: int = Field(500, ge=1)
    pixels: int = Field(75_000_000, ge=1)
    edge: int = Field(20_000, ge=1)
    ratio: int = Field(10, ge=1)
    signed: bool = True

    def check_pixels(self, count: int) -> None:
        """Raises BadUpload."""
        if count > self.pixels:
            raise BadUpload("upload_too_many_pixels", {"most": self.pixels // 1_000_000})

    def check_edges(self, width: float, height: float) -> None:
        """Raises BadUpload."""
        if max(width, height) > self.edge:
            raise BadUpload("upload_too_long", {"most": self.edge})

    def check_ratio(self, width: float, height: float) -> None:
        """Raises BadUpload, also for a picture without any size."""
        short, long = sorted((width, height))
        if not 0 < long <= short * self.ratio:
            raise BadUpload("upload_too_narrow", {"most": self.ratio})


EVIDENCE = Limits(pages=20)
"""The evidence for a renewer's appointment, which may be signed digitally."""
SLIP = Limits(pages=20)
"""An office's payment order. Those from a bank or the treasury may be signed digitally."""
ONE_FORM = Limits(pages=20, signed=False)
"""One form or contract: the copy that an office uploads, or the scan that a clerk sends."""
FEEDER = Limits(bytes=200 * 1024**2, signed=False)
"""A file from the scanner's feeder, with many forms."""
