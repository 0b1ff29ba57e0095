"""What an upload may be."""

from pydantic import Field

from services.renewal.domain.frozen import Frozen


class Limits(Frozen):
    """`bytes` of the file, `pages` of a PDF, `pixels` of a photo or of all pictures on one page. `signed`:
    whether a PDF may carry a digital signature, which is lost where its pages are drawn anew."""

    bytes: int = Field(20 * 1024**2, ge=1)
    pages: int = Field(500, ge=1)
    pixels: int = Field(100_000_000, ge=1)
    signed: bool = True


SINGLE = Limits()
FEEDER = Limits(bytes=200 * 1024**2, signed=False)
