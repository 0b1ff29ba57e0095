"""The pages of validation reports in a real Chromium."""

from io import BytesIO
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from pypdf import PdfReader

from deploy.local.people.pki import Credential
from services.signing.reports.views import CATALOGUE
from tests.services.signing.conftest import SignIn
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.services.signing.signer import signed
from tests.support.album import Album
from tests.support.browser import WIDTHS, Visit, page_problems

expect.set_options(timeout=60_000)

_DROP = """async bytes => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], "phieu.pdf", { type: "application/pdf" }));
  document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
}"""


def said(key: str) -> str:
    return CATALOGUE.both(key).vi


@pytest.fixture
def visit(sign_in: SignIn) -> Visit:
    async def go(path: str, **who: str) -> Page:
        page = await (await sign_in(**who)).new_page()
        await page.goto(path)
        return page

    return go


@pytest.fixture(scope="module")
async def content(office: Credential) -> bytes:
    return await signed(issued(), office)


@pytest.fixture
def file(content: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "signed.pdf"
    path.write_bytes(content)
    return path


async def test_chosen_file_is_checked(visit: Visit, file: Path) -> None:
    page = await visit("/signing/report")
    assert await page_problems(page) == []
    await page.set_input_files("#file", file)
    await page.get_by_role("button", name=said("report.check"), exact=True).click()
    await expect(page.get_by_text("(TOTAL_PASSED)").first).to_be_visible()
    await expect(page.get_by_text("Gia Han Local Issuing CA").first).to_be_visible()
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page_problems(page) == []


async def test_dropped_file_is_checked(visit: Visit, content: bytes) -> None:
    page = await visit("/signing/report", role="desk")
    await page.evaluate(_DROP, list(content))
    await expect(page.get_by_text("phieu.pdf")).to_be_visible()
    await page.get_by_role("button", name=said("report.check"), exact=True).click()
    await expect(page.get_by_text("(TOTAL_PASSED)").first).to_be_visible()


async def test_report_is_downloaded_as_pdf(visit: Visit, file: Path) -> None:
    page = await visit("/signing/report")
    await page.set_input_files("#file", file)
    async with page.expect_download() as download:
        await page.get_by_role("button", name=said("report.check_pdf")).click()
    saved = await (await download.value).path()
    assert "TOTAL_PASSED" in PdfReader(BytesIO(saved.read_bytes())).pages[0].extract_text()


async def test_file_that_is_no_pdf_is_refused_with_its_reason(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"no pdf")
    page = await visit("/signing/report")
    await page.get_by_role("button", name=said("report.check"), exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text(said("report.empty"))
    await page.set_input_files("#file", path)
    await page.get_by_role("button", name=said("report.check"), exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("Không đọc được tệp PDF")


async def test_signed_form_leads_to_its_report(visit: Visit, signing: World, content: bytes) -> None:
    renewal = await signing.form()
    url = f"/v1/forms/{renewal}/signed-file"
    answer = await signing.client.post(url, content=content, headers=signing.bearer())
    assert answer.status_code == 200, answer.text
    page = await visit(f"/signing/forms/{renewal}")
    await page.get_by_role("link", name=said("report.title")).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(said("report.title_form"))
    async with page.expect_download() as download:
        await page.get_by_role("link", name=said("report.download")).click()
    assert (await download.value).suggested_filename.endswith(".pdf")
    stranger = await visit(f"/signing/forms/{renewal}/report", office="another")
    await expect(stranger.get_by_text(said("report.title_form"))).to_have_count(0)


@pytest.mark.sweep
async def test_pictures(visit: Visit, file: Path, album: Album) -> None:
    """`make pictures` stores them in docs/pictures/pages."""
    page = await visit("/signing/report")
    await album.take(page, "report-choose")
    await page.set_input_files("#file", file)
    await page.get_by_role("button", name=said("report.check"), exact=True).click()
    await expect(page.get_by_text("(TOTAL_PASSED)").first).to_be_visible()
    await album.take(page, "report")
