"""Pages bound into the document that is stored."""

import re
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.scans.scans import Scans
from tests.services.renewal.scans.conftest import LIMITS, Papers, Read

A4 = (595.276, 841.89)


async def test_pages_are_a4_in_their_order_and_read_again(papers: Papers, scans: Scans, read: Read) -> None:
    pages = await read(feeder_pdf(scan_pages(papers.form, seed=1, turn=90)))
    bound = await scans.document([page.image for page in pages])
    reader = PdfReader(BytesIO(bound))
    assert [(float(p.mediabox.width), float(p.mediabox.height)) for p in reader.pages] == [A4, A4]
    again = await read(bound)
    assert [(page.code, page.upside, page.resolution) for page in again] == [(papers.code, 0, 200)] * 2


async def test_same_pages_same_bytes_in_another_process(papers: Papers, scans: Scans, read: Read) -> None:
    upload = feeder_pdf(scan_pages(papers.form, seed=1))
    images = [page.image for page in await read(upload)]
    other = Scans(processes=1)
    try:
        async with await other.open(upload, LIMITS) as opened:
            assert [(await other.page(opened, n)).image for n in (1, 2)] == images
        assert await other.document(images) == await scans.document(images)
    finally:
        await other.close()


async def test_no_date_and_no_name_of_a_tool(papers: Papers, scans: Scans, read: Read) -> None:
    bound = await scans.document([page.image for page in await read(scan_pages(papers.form, seed=1)[0])])
    assert not re.search(rb"/(Info|CreationDate|ModDate|Producer|Creator)\b", bound)
    assert bound.startswith(b"%PDF-1.7\n")


@pytest.mark.parametrize(
    ("size", "dpi", "drawn"),
    [
        ((1000, 500), None, (A4[1], A4[1] / 2)),  # nothing tells its size: as large as the sheet allows
        ((1000, 500), 200, (360, 180)),  # a cut sheet keeps its size
        ((500, 1000), 200, (180, 360)),
        ((3000, 6000), 200, (A4[1] / 2, A4[1])),  # a larger one is made to fit
    ],
)
async def test_size_on_paper(
    scans: Scans, size: tuple[int, int], dpi: int | None, drawn: tuple[float, float]
) -> None:
    out = BytesIO()
    Image.new("RGB", size, "white").save(out, "JPEG", **({"dpi": (dpi, dpi)} if dpi else {}))
    (page,) = PdfReader(BytesIO(await scans.document([out.getvalue()]))).pages
    paper = A4 if size[0] <= size[1] else A4[::-1]
    assert (float(page.mediabox.width), float(page.mediabox.height)) == paper
    contents = page.get_contents()
    assert contents is not None
    width, _, _, height, left, low = map(float, contents.get_data().split()[:6])
    assert (width, height) == pytest.approx(drawn, abs=0.01)
    assert (left, low) == pytest.approx(((paper[0] - width) / 2, (paper[1] - height) / 2), abs=0.01)


async def test_nothing_is_no_document(scans: Scans) -> None:
    with pytest.raises(ValueError, match="a page or more"):
        await scans.document([])
