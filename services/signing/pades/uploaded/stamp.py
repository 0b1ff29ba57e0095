"""Judges the visible stamp of an uploaded signature: where it stands, whom it names, what it adds."""

import re
from collections.abc import Iterator
from io import BytesIO

import pypdfium2
from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject, pdf_name
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from services.signing.pades.fields import Field, read_fields
from services.signing.pades.uploaded.ground import is_on_clear_ground
from services.signing.pades.uploaded.revisions import FilledField
from services.signing.pades.uploaded.verdict import LookReason
from shared.text.characters import visible

_SIZE = (-2000, -2000, 4000, 4000)  # points, larger than any stamp
_MOST_LETTERS = 60  # beside name, times and labels: an e-mail address and the name of a body above fit
_TIMES = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}:\d{2}(:\d{2})?(\.\d+)?|[+-]\d{2}[:']?\d{2}'?|utc|gmt"
)
_LABELS = re.compile(
    "digitallysignedby|signedby|timestamp|signingtime|date:|time:|reason:|location:|email:"
    "|đượckýbởi|kýbởi|kyboi|ngườiký|nguoiky|kýngày|ngàyký|ngayky|thờigianký|thoigianky|kýlúc|kyluc|cơquan"
)
"""As common programs write them, without white space and case."""


def judge_stamp(
    filled: FilledField, final: HistoricalResolver, issued: bytes, place: str, holder: str | None
) -> Iterator[LookReason]:
    """The reasons for a person to look at the stamp; none if it is invisible.

    `final` is the last revision. `place` is the issued field for the signer. `holder` is the common name in
    the certificate, None for a time stamp. The place of a stamp in an issued field is ours, so only an added
    one can cover anything.

    The text is what can be extracted. So a name that is drawn as curves or as a picture counts as missing; a
    name that nobody can read on the page (too small, white, under a picture) counts as present; and a stamp
    that has the holder's name may name somebody else beside it, in a few words.
    """
    looks = filled.field.appearance
    if looks is None or not all(filled.field.size):
        return
    if covers_content(filled, final, issued, place):
        yield LookReason.STAMP_COVERS_CONTENT
    if not looks.data.strip():
        return
    words, pictured = _read(looks, final)
    name, text = _comparable(holder or ""), _comparable(words)
    if not name or name not in text:
        yield LookReason.STAMP_WITHOUT_NAME
    if pictured or _is_long(text, name) or (filled.added and _is_larger(filled.field, final, place)):
        yield LookReason.STAMP_SAYS_MORE


def covers_content(filled: FilledField, final: HistoricalResolver, issued: bytes, place: str) -> bool:
    """Whether the stamp is visible, in an added field, and not on clear ground."""
    visible_stamp = filled.field.appearance is not None and all(filled.field.size)
    return visible_stamp and filled.added and not is_on_clear_ground(filled.field, final, issued, place)


def _is_long(text: str, name: str) -> bool:
    """Whether the text says more than who signed, and when. Both are comparable."""
    rest = text.replace(name, "") if name else text
    return len(_LABELS.sub("", _TIMES.sub("", rest))) > _MOST_LETTERS


def _is_larger(field: Field, final: HistoricalResolver, place: str) -> bool:
    """Whether the widget has more room than the issued field for the signer."""
    width, height = field.size
    rooms = [w * h for w, h in (other.size for other in read_fields(final) if other.name == place)]
    return not rooms or width * height > max(rooms)


def _read(looks: StreamObject, final: HistoricalResolver) -> tuple[str, bool]:
    """The text of the appearance alone, set on a page of its own, and whether it has an image."""
    pictured = False
    for reference in final.collect_dependencies(looks):
        drawn = reference.get_object()
        if isinstance(drawn, StreamObject) and drawn.get("/Subtype") == "/Image":
            pictured = True
        elif isinstance(drawn, StreamObject):
            _ = drawn.data  # a stream that grows beyond pyHanko's limits raises here, not in the renderer
    with pypdfium2.PdfDocument(_sheet(looks)) as document:
        inline = any(document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))
        return str(document[0].get_textpage().get_text_range()), pictured or inline


def _sheet(looks: StreamObject) -> bytes:
    """A PDF of one page with this appearance only."""
    writer = PdfFileWriter()  # type: ignore[no-untyped-call]
    stamp = writer.add_object(writer.import_object(looks))
    drawing = writer.add_object(StreamObject(stream_data=b"/Stamp Do"))
    page = PageObject(drawing, _SIZE)  # type: ignore[no-untyped-call]
    page["/Resources"][pdf_name("/XObject")] = DictionaryObject({pdf_name("/Stamp"): stamp})  # type: ignore[no-untyped-call]
    writer.insert_page(page)  # type: ignore[no-untyped-call]
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _comparable(text: str) -> str:
    """The text composed, without white space and case: a stamp breaks a name anywhere."""
    return "".join(visible(text).split()).casefold()
