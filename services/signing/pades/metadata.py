"""Compares what a PDF says about itself (`/Info` and XMP) with what was issued."""

from io import BytesIO

from pyhanko.pdf_utils.metadata.model import NS, RDF_ABOUT, ExpandedName
from pyhanko.pdf_utils.metadata.xmp_xml import parse_xmp
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from services.signing.pades.rejection import InvalidityReason, Rejected

# What a signing program writes about its own work.
_INFO = {"/ModDate", "/Producer"}
_XMP = {
    RDF_ABOUT,
    ExpandedName(NS["xmp"], "ModifyDate"),
    ExpandedName(NS["xmp"], "MetadataDate"),
    ExpandedName(NS["pdf"], "Producer"),
}
_IDENTITY = "http://ns.adobe.com/xap/1.0/mm/"


def check_metadata(pdf: PdfFileReader | HistoricalResolver, issued: PdfFileReader) -> None:
    """Raises Rejected if the title, the author, the subject or anything else differs from what was issued,
    except the dates of change, the producer and the ids. Raises whatever pyHanko raises for malformed XMP."""
    if _info(pdf) != _info(issued) or _xmp(pdf) != _xmp(issued):
        raise Rejected(InvalidityReason.METADATA_CHANGED)


def _info(pdf: PdfFileReader | HistoricalResolver) -> dict[str, str]:
    trailer = pdf.trailer_view
    info = trailer["/Info"] if "/Info" in trailer else {}  # noqa: SIM401  (pyHanko's `get` resolves nothing)
    return {key: str(info[key]) for key in info if key not in _INFO}


def _xmp(pdf: PdfFileReader | HistoricalResolver) -> list[str]:
    """The properties, sorted. They are a list: a reader may show either value of a property that is there
    twice."""
    if "/Metadata" not in pdf.root:
        return []
    properties = [each for part in parse_xmp(BytesIO(pdf.root["/Metadata"].data)) for each in part]
    return sorted(
        f"{name}={value}" for name, value in properties if name not in _XMP and name.ns != _IDENTITY
    )
