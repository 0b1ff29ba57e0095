"""What an upload may be."""

from pydantic import Field

from services.renewal.domain.frozen import Frozen
from services.renewal.scans.bad_upload import BadUpload


class Limits(Frozen):
    """`bytes` of the file, `pages` of a PDF, `pixels` of a photo or of all pictures on one page, `edge` the
    pixels of one side of a picture, `ratio` how often its short side may go into its long one. `signed`:
    whether a PDF may carry a digital signature, which is lost where its pages are drawn anew."""

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
        """Raises BadUpload, also for what has no size at all."""
        short, long = sorted((width, height))
        if not 0 < long <= short * self.ratio:
            raise BadUpload("upload_too_narrow", {"most": self.ratio})


SINGLE = Limits()
FEEDER = Limits(bytes=200 * 1024**2, signed=False)
