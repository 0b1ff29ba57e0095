"""Case 38: a page that never was on paper is distinguished from pictures of paper, whatever was done to the
file."""

from collections.abc import Callable
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.generic import NameObject, StreamObject

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import Limits
from services.renewal.scans.scans import Scans
from tests.services.renewal.scans.conftest import Papers, Read

Made = Callable[[bytes], bytes]


def written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def saved_anew(form: bytes) -> bytes:
    writer = PdfWriter(PdfReader(BytesIO(form)))
    writer.add_metadata({"/Title": "stamped", "/Producer": "A Scanner 3000"})
    return written(writer)


def turned(form: bytes) -> bytes:
    writer = PdfWriter(PdfReader(BytesIO(form)))
    for page in writer.pages:
        page.rotate(90)
    return written(writer)


def in_another_order(form: bytes) -> bytes:
    writer = PdfWriter()
    for page in reversed(PdfReader(BytesIO(form)).pages):
        writer.add_page(page)
    return written(writer)


def made_smaller(form: bytes) -> bytes:
    writer = PdfWriter(PdfReader(BytesIO(form)))
    for page in writer.pages:
        page.add_transformation(Transformation().scale(0.9).translate(20, 30))
    return written(writer)


def with_a_pasted_seal(form: bytes) -> bytes:
    """A small picture of a seal on the form as printed is no scan."""
    return _over(form, Image.new("RGB", (300, 300), (205, 25, 45)), (100, 0, 0, 100, 120, 160))


def under_a_white_picture(form: bytes) -> bytes:
    """A file that looks exactly like the issued form, although a picture covers each page."""
    return _over(form, Image.new("RGB", (8, 8), "white"), (595, 0, 0, 842, 0, 0), behind=True)


def merged_with_itself(form: bytes) -> bytes:
    writer = PdfWriter()
    for _ in range(2):
        writer.append(BytesIO(form))
    return written(writer)


DIGITAL: tuple[Made, ...] = (
    lambda form: form,
    saved_anew,
    turned,
    in_another_order,
    made_smaller,
    with_a_pasted_seal,
    under_a_white_picture,
    merged_with_itself,
)


@pytest.mark.parametrize("made", DIGITAL)
async def test_form_as_printed_is_no_picture_of_paper(papers: Papers, read: Read, made: Made) -> None:
    assert all(page.digital for page in await read(made(papers.form)))


def photo(form: bytes) -> bytes:
    return scan_pages(form, seed=1)[0]


def drawing(form: bytes) -> bytes:
    """A screenshot: every picture is accepted, and the desk checks the stamp."""
    out = BytesIO()
    with pypdfium2.PdfDocument(form) as document:
        document[0].render(scale=200 / 72).to_pil().save(out, "PNG")
    return out.getvalue()


def scan_with_its_text(form: bytes) -> bytes:
    """Like a scanner that recognises text: invisible letters over the picture."""
    content = b"q BT 3 Tr /F1 12 Tf 100 700 Td (CONG HOA) Tj ET Q"
    return _drawn_over(feeder_pdf(scan_pages(form, seed=2)), content)


def scan_with_notes(form: bytes) -> bytes:
    """A scan with a line that was drawn into it afterwards is still a scan."""
    return _drawn_over(feeder_pdf(scan_pages(form, seed=3)), b"q 2 w 100 300 m 300 340 l S Q")


def small_photo_on_a_sheet(form: bytes) -> bytes:
    picture = Image.open(BytesIO(scan_pages(form, seed=4)[0]))
    sheet = PdfWriter()
    sheet.add_blank_page(595, 842)
    return _over(written(sheet), picture, (595 * 0.6, 0, 0, 842 * 0.6, 100, 200))


@pytest.mark.parametrize(
    "made",
    [photo, drawing, lambda form: feeder_pdf(scan_pages(form, seed=5, turn=90, noise=9)), scan_with_its_text,
     scan_with_notes, small_photo_on_a_sheet],
)  # fmt: skip
async def test_every_picture_of_paper_is_one(papers: Papers, read: Read, made: Made) -> None:
    pages = await read(made(papers.form))
    assert not any(page.digital for page in pages)
    assert all(page.code == papers.code for page in pages)


async def test_signed_file_is_not_rendered_again(papers: Papers, scans: Scans, read: Read) -> None:
    signed = papers.form + b"1 0 obj\n<</Type/Sig/ByteRange [0 10 20 30]>>\nendobj\n%%EOF\n"
    with pytest.raises(BadUpload) as bad:
        await scans.open(signed, Limits(signed=False))
    assert bad.value.rule == "upload_signed"
    await read(signed, Limits())
    async with await scans.open(papers.form, Limits(signed=False)) as unsigned:
        assert unsigned.pages == 2


def _over(pdf: bytes, picture: Image.Image, matrix: tuple[float, ...], *, behind: bool = False) -> bytes:
    """The picture on each page, by that matrix."""
    out = BytesIO()
    picture.save(out, "PDF")
    (carrier,) = PdfReader(BytesIO(out.getvalue())).pages
    width, height = float(carrier.mediabox.width), float(carrier.mediabox.height)
    a, _, _, d, e, f = matrix
    laid = Transformation().scale(a / width, d / height).translate(e, f)
    writer = PdfWriter(PdfReader(BytesIO(pdf)))
    for page in writer.pages:
        page.merge_transformed_page(carrier, laid, over=not behind)
    return written(writer)


def _drawn_over(pdf: bytes, content: bytes) -> bytes:
    writer = PdfWriter(PdfReader(BytesIO(pdf)))
    for page in writer.pages:
        stream = StreamObject()
        stream.set_data(page.get_contents().get_data() + b"\n" + content)  # type: ignore[union-attr]
        page[NameObject("/Contents")] = writer._add_object(stream)
    return written(writer)
