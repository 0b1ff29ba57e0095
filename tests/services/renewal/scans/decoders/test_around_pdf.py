"""Case 33: what gateways and scanners put around a PDF is ignored; a PDF that was cut off is refused."""

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.scans import Scans
from tests.services.renewal.scans.conftest import LIMITS, Papers, Read

TAILS = (
    bytes(1_025),
    bytes(18_000),
    b"\r\n" * 1_000,
    b"\n" * 2_000,
    b"\r\n--=_boundary--\r\n<html><body><p>Scanned by Mail Gateway, object 7</p></body></html>\r\n" * 40,
    b"\x1a" + bytes(70_000),
    b"\r\n<p>Scanned: item 12 0 obj, see xref %%EOF</p>\r\n",
)
HEADS = (
    b"\xef\xbb\xbf",
    b"\r\n" * 30,
    b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\n\r\n",
    b"X-Gateway: looked at\r\n" * 400,
)


@pytest.fixture(scope="module")
def pdf(papers: Papers) -> bytes:
    return feeder_pdf(scan_pages(papers.form, seed=6))


@pytest.mark.parametrize("tail", TAILS)
async def test_bytes_behind_the_end_are_passed_over(
    papers: Papers, read: Read, pdf: bytes, tail: bytes
) -> None:
    assert [page.code for page in await read(pdf + tail)] == [papers.code] * 2


@pytest.mark.parametrize("head", HEADS)
async def test_junk_before_the_beginning_is_passed_over(
    papers: Papers, read: Read, pdf: bytes, head: bytes
) -> None:
    for tail in (b"", bytes(5_000)):
        assert [page.code for page in await read(head + pdf + tail)] == [papers.code] * 2


async def test_cut_off_behind_an_earlier_end_mark_is_refused(scans: Scans, pdf: bytes) -> None:
    """A PDF with a later revision has an end mark in its middle: it ends only at the last one."""
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    writer.add_metadata({"/Title": "x" * 5_000})
    out = BytesIO()
    writer.write(out)
    whole = out.getvalue()
    assert whole.startswith(pdf)
    assert len(PdfReader(BytesIO(whole)).pages) == 2
    for cut in (len(whole) - 8, len(whole) - 40, len(pdf) + 200, len(pdf) // 2):
        with pytest.raises(BadUpload, match="upload_damaged"):
            await scans.open(whole[:cut], LIMITS)
    async with await scans.open(whole, LIMITS) as upload:
        assert upload.pages == 2


async def test_first_part_of_a_file_for_the_web_is_not_the_whole(scans: Scans, pdf: bytes) -> None:
    with pytest.raises(BadUpload, match="upload_damaged"):
        await scans.open(b"%PDF-1.7\n1 0 obj\n<</Linearized 1>>\nendobj\nstartxref\n0\n%%EOF\n", LIMITS)
