"""The visible stamp of a signature on the page: who signed, and when.

WeasyPrint lays it out, because pyHanko's own text writes wrong widths for such fonts and breaks PDF/A.
"""

import re
from datetime import datetime
from html import escape
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from asn1crypto import x509
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import AxisAlignment as Align
from pyhanko.pdf_utils.layout import BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.stamp import StaticStampStyle
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from services.signing.pades.certificates import common_name
from services.signing.pades.fields import Field

_FONT = Path(__file__).parent / "fonts" / "LiberationSerif-Regular.ttf"
_LONGEST_NAME = 160
# What the font has: Latin with all Vietnamese letters. Anything else would print as an empty box.
_UNPRINTABLE = re.compile("[^ -~\u00a0-\u017f\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9\u2013-\u2026]")
_PAGE = """<style>
@font-face {{ font-family: stamp; src: url(font:stamp) }}
@page {{ size: {width}pt {height}pt; margin: 0 }}
body {{ margin: 0; height: {height}pt; box-sizing: border-box; padding: 3pt; overflow: hidden;
  border: 0.8pt solid #1a4f9c; color: #1a4f9c; font: {size}pt/1.15 stamp; overflow-wrap: anywhere }}
</style><body>Ký bởi: {name}<br>Ký lúc: {time}"""


def stamp_style(field: Field, signer: x509.Certificate, moment: datetime, zone: str) -> StaticStampStyle:
    """The appearance of a signature in `field`. The time is ISO 8601 with its offset, in zone `zone`."""
    width, height = field.size
    if not width or not height:
        return StaticStampStyle()
    html = _PAGE.format(
        width=width,
        height=height,
        size=min(10.0, height / 6),
        name=escape(_printable_name(signer)),
        time=moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
    )
    pdf = HTML(string=html, url_fetcher=_FontFetcher()).write_pdf()
    layout = SimpleBoxLayoutRule(Align.ALIGN_MID, Align.ALIGN_MID, Margins(0, 0, 0, 0))
    return StaticStampStyle(border_width=0, background=_Page(pdf), background_layout=layout)


def _printable_name(signer: x509.Certificate) -> str:
    """The subject's common name as it prints."""
    return _UNPRINTABLE.sub("?", common_name(signer))[:_LONGEST_NAME]


class _FontFetcher(URLFetcher):  # type: ignore[misc]
    """Returns the stamp's font and refuses everything else."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url == "font:stamp":
            return URLFetcherResponse(url, _FONT.read_bytes(), {"Content-Type": "font/ttf"})
        raise FatalURLFetchingError("a stamp fetches nothing but its font")


class _Page(PdfContent):
    """The first page of a PDF as the content of a stamp."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(BytesIO(self._pdf)))
        self.resources.xobject["/Stamp"] = page
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = BoxConstraints(width=right - left, height=top - bottom)
        return b"/Stamp Do"
