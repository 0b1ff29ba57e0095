"""Binds pictures of pages into one PDF/A-3b. Runs in a worker process."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pydyf
from PIL import Image

_A4 = (595.276, 841.89)  # points
_INCH = 72
_SRGB = Path(__file__).with_name("sRGB2014.icc")
_METADATA = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def document(images: Sequence[bytes]) -> bytes:
    """The JPEGs (RGB) as A4 pages, landscape where they are wider than high. The same images give the same
    bytes.

    An image has its own size if its resolution is known and it fits, else the largest that fits.
    """
    pdf = pydyf.PDF()
    _declare_pdf_a(pdf)
    for image in images:
        _add(pdf, image)
    out = BytesIO()
    pdf.write(out, identifier=True)
    return out.getvalue()


def _declare_pdf_a(pdf: pydyf.PDF) -> None:
    """Write into the catalog what PDF/A-3b wants: the XMP that names it, and the profile of the colours."""
    metadata = pydyf.Stream([_METADATA.encode()], extra={"Type": "/Metadata", "Subtype": "/XML"})
    profile = pydyf.Stream([_SRGB.read_bytes()], extra={"N": 3})
    pdf.add_object(metadata)
    pdf.add_object(profile)
    intent = {
        "Type": "/OutputIntent",
        "S": "/GTS_PDFA1",
        "OutputConditionIdentifier": pydyf.String("sRGB"),
        "DestOutputProfile": profile.reference,
    }
    pdf.catalog["Metadata"] = metadata.reference
    pdf.catalog["OutputIntents"] = pydyf.Array([pydyf.Dictionary(intent)])


def _add(pdf: pydyf.PDF, jpeg: bytes) -> None:
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as image:
        picture = pydyf.Stream([jpeg], extra=_image_object(image))
        paper = _A4 if image.width <= image.height else _A4[::-1]
        width, height = _size(image, paper)
    left, low = (paper[0] - width) / 2, (paper[1] - height) / 2
    drawing = pydyf.Stream([f"{width:.3f} 0 0 {height:.3f} {left:.3f} {low:.3f} cm /Page Do"])
    pdf.add_object(picture)
    pdf.add_object(drawing)
    page = {
        "Type": "/Page",
        "Parent": pdf.pages.reference,
        "MediaBox": pydyf.Array([0, 0, *paper]),
        "Contents": drawing.reference,
        "Resources": pydyf.Dictionary({"XObject": pydyf.Dictionary({"Page": picture.reference})}),
    }
    pdf.add_page(pydyf.Dictionary(page))


def _image_object(image: Image.Image) -> dict[str, object]:
    return {
        "Type": "/XObject",
        "Subtype": "/Image",
        "Width": image.width,
        "Height": image.height,
        "ColorSpace": "/DeviceRGB",
        "BitsPerComponent": 8,
        "Filter": "/DCTDecode",
    }


def _size(image: Image.Image, paper: tuple[float, float]) -> tuple[float, float]:
    """Width and height on the page, in points."""
    fitting = min(paper[0] / image.width, paper[1] / image.height)
    own = _INCH / image.info["dpi"][0] if image.info.get("dpi") else fitting
    scale = min(own, fitting)
    return image.width * scale, image.height * scale
