"""The preview for authors of templates: it renders the files on disk, and shows errors with their place."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from pypdf import PdfReader

from services.renewal.render.preview.app import build
from services.renewal.render.preview.drawing import templates
from services.renewal.render.preview.samples import SAMPLES
from services.renewal.render.renderer import TEMPLATES

URL = "/general/form/2025-07-01/short.pdf"


@asynccontextmanager
async def preview(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = build(folder, limit=60)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def copied(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[httpx.AsyncClient, Path]]:
    """One preview for this module, because its worker processes start slowly."""
    folder = shutil.copytree(TEMPLATES, tmp_path_factory.mktemp("preview") / "templates")
    async with preview(folder) as client:
        yield client, folder


@pytest.fixture
def own(copied: tuple[httpx.AsyncClient, Path]) -> tuple[httpx.AsyncClient, Path]:
    """A preview of a copy of the templates, which the test may change."""
    client, folder = copied
    shutil.rmtree(folder)
    shutil.copytree(TEMPLATES, folder)
    return client, folder


async def test_index_names_every_template_with_every_sample(own: tuple[httpx.AsyncClient, Path]) -> None:
    page = (await own[0].get("/")).text
    for kind in ("form", "contract"):
        assert all(f"/general/{kind}/2025-07-01/{name}.pdf" in page for name in SAMPLES)


async def test_each_kind_of_document_can_be_drawn(own: tuple[httpx.AsyncClient, Path]) -> None:
    newest = {template.kind: template for template in templates(own[1])}
    assert {"contract-at-payment", "joint-contract", "joint"} < set(newest)
    for template in newest.values():
        drawn = await own[0].get(f"/{str(template).removesuffix('.html')}/short.pdf")
        assert drawn.content.startswith(b"%PDF"), template


async def test_change_on_disk_shows_at_once(own: tuple[httpx.AsyncClient, Path]) -> None:
    client, folder = own
    before, state = await client.get(URL), await client.get("/state")
    template = folder / "general/form/2025-07-01.html"
    template.write_text(template.read_text().replace("Kính gửi", "Kính trình"))
    assert (await client.get("/state")).text != state.text
    after = await client.get(URL)
    assert "Kính gửi" in said(before)
    assert "Kính trình" in said(after)


async def test_template_of_a_line_and_of_a_later_day(own: tuple[httpx.AsyncClient, Path]) -> None:
    client, folder = own
    (folder / "giaoduc/form").mkdir(parents=True)
    text = (folder / "general/form/2025-07-01.html").read_text()
    (folder / "giaoduc/form/2028-03-04.html").write_text(text)
    assert "ngày 04 tháng 3 năm 2028" in said(await client.get("/giaoduc/form/2028-03-04/short.pdf"))


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ("{{ content.registration.nickname }}", "2025-07-01.html:1: UndefinedError"),
        ("{% if %}", "TemplateSyntaxError"),
        ("<p>Nowhere to sign</p>", "FieldsDiffer: a form needs {'office'}, this one has none"),
        ("<img src='http://127.0.0.1:9/x.png'>", "ReachesOut"),
    ],
)
async def test_error_is_shown_with_its_place(
    own: tuple[httpx.AsyncClient, Path], mistake: str, told: str
) -> None:
    client, folder = own
    (folder / "general/form/2025-07-01.html").write_text(mistake)
    answer = await client.get(URL)
    assert answer.status_code == 422
    assert told in answer.text


@pytest.mark.parametrize(
    "url",
    ["/general/form/2025-07-01/none.pdf", "/../form/2025-07-01/short.pdf", "/x/form/2025-07-01/short.pdf"],
)
async def test_nothing_else_is_served(own: tuple[httpx.AsyncClient, Path], url: str) -> None:
    assert (await own[0].get(url)).status_code == 404


async def test_stranger_hosts_are_refused(own: tuple[httpx.AsyncClient, Path]) -> None:
    assert (await own[0].get("/", headers={"host": "evil.example"})).status_code == 400


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    pages = PdfReader(BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
