"""The visible stamp of a signature on the page: who signed, and when; the vendor's images and number too.

WeasyPrint lays it out, because pyHanko's own text writes wrong widths for such fonts and breaks PDF/A.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import BytesIO
from math import ceil
from zoneinfo import ZoneInfo

from asn1crypto import x509
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import AxisAlignment as Align
from pyhanko.pdf_utils.layout import BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.stamp import StaticStampStyle

from services.signing.pades.certificates import common_name
from services.signing.pades.fields import Field
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.stamp.image import BadStampImage, StampImage
from services.signing.pades.stamp.layout import Part, lay_out

_LONGEST_NAME = 160
# What the font has: Latin with all Vietnamese letters. Anything else would print as an empty box.
_UNPRINTABLE = re.compile("[^ -~\u00a0-\u017f\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9\u2013-\u2026]")
_PADDING, _LINE, _LETTER = 4, 1.15, 0.48
"""Of the border with the space inside it, in points; of a line and of an average letter, in font sizes."""
_COVERED = 1 / 3
"""The share of the signer's image that the seal lies on, at its left (Nghị định 30/2020, Appendix I)."""
_PAGE = """<style>
@page {{ size: {width}pt {height}pt; margin: 0 }}
body {{ margin: 0; height: {height}pt; box-sizing: border-box; padding: 3pt; overflow: hidden;
  border: 0.8pt solid #1a4f9c; color: #1a4f9c; font: {size}pt/1.15 signing; overflow-wrap: anywhere }}
div {{ position: relative }}
img {{ position: absolute; top: 0; image-rendering: pixelated }}
b {{ font-weight: normal; color: #000 }}
</style><body>{images}Ký bởi: {name}<br><b>{number}Ký lúc: {time}</b>"""


@dataclass(frozen=True, slots=True)
class StampDetails:
    """What a stamp has besides name and time: the document's `number`, the signer's image, and the red seal
    of the organisation."""

    number: str = ""
    signer: StampImage | None = None
    seal: StampImage | None = None


PLAIN = StampDetails()


@dataclass(frozen=True, slots=True)
class GivenImages:
    """PNGs as an office sent them: the signer's image and the organisation's seal; each may be missing."""

    signer: bytes | None = None
    seal: bytes | None = None

    def __bool__(self) -> bool:
        """Whether there is one."""
        return bool(self.signer or self.seal)

    def read(self) -> StampDetails:
        """Raises Rejected for an image that can't be used."""
        try:
            signer, seal = (StampImage.read(each) if each else None for each in (self.signer, self.seal))
        except BadStampImage as error:
            raise Rejected(InvalidityReason.STAMP_IMAGE, str(error)) from error
        return StampDetails(signer=signer, seal=seal)


def stamp_style(
    field: Field, signer: x509.Certificate, moment: datetime, zone: str, details: StampDetails = PLAIN
) -> StaticStampStyle:
    """The appearance of a signature in `field`. The time is ISO 8601 with its offset, in zone `zone`."""
    width, height = field.size
    if not width or not height:
        return StaticStampStyle()
    name, number = _printable(common_name(signer)), _printable(details.number)
    size = min(10.0, height / 6)
    letters = (width - 2 * _PADDING) / (_LETTER * size)
    lines = ceil((len("Ký bởi: ") + len(name)) / letters) + (2 if number else 1)
    room = height - 2 * _PADDING - lines * size * _LINE
    html = _PAGE.format(
        width=width,
        height=height,
        size=size,
        images=_images(details, width - 2 * _PADDING, room),
        name=escape(name),
        number=f"Số: {escape(number)}<br>" if number else "",
        time=moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
    )
    parts: dict[str, Part] = {}
    for url, image in (("stamp:signer", details.signer), ("stamp:seal", details.seal)):
        parts |= {url: (image.png, "image/png")} if image else {}
    pdf = lay_out(html, parts)
    layout = SimpleBoxLayoutRule(Align.ALIGN_MID, Align.ALIGN_MID, Margins(0, 0, 0, 0))
    return StaticStampStyle(border_width=0, background=_Page(pdf), background_layout=layout)


def _images(details: StampDetails, width: float, room: float) -> str:
    """The images in a block of at most `width` and `room` points, equally high, the seal on top."""
    signer = details.signer.ratio if details.signer else 0.0
    seal = details.seal.ratio if details.seal else 0.0
    covered = _COVERED * signer if seal else 0.0
    ratio = signer + seal - covered
    if not ratio or room <= 0:
        return ""
    high = min(room, width / ratio)
    left = (width - high * ratio) / 2
    shown = [("signer", left + high * (seal - covered))] if signer else []
    shown += [("seal", left)] if seal else []
    drawn = (f'<img src="stamp:{name}" style="left:{x}pt;height:{high}pt">' for name, x in shown)
    return f'<div style="height:{high}pt">{"".join(drawn)}</div>'


def _printable(text: str) -> str:
    """The text as the font can print it."""
    return _UNPRINTABLE.sub("?", text)[:_LONGEST_NAME]


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
