"""The signing page in a real Chromium."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page

from services.signing.pages.site import CATALOGUE
from shared.text.i18n import Language
from tests.services.signing.service import World
from tests.services.signing.signatures.pages.fake_tool import FakeTool
from tests.services.signing.signatures.pages.kyso_simulator import KysoSimulator
from tests.services.signing.signatures.pages.vgca_simulator import VgcaSimulator
from tests.support.browser import chromium, serve_on_port

OpenPage = Callable[..., Awaitable[Page]]


def said(key: str, language: Language = "vi") -> str:
    return CATALOGUE.both(key).pick(language)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
async def address(signing: World) -> AsyncIterator[str]:
    async with serve_on_port(signing.app) as url:
        yield url


@pytest.fixture
async def open_page(browser: Browser, address: str, signing: World) -> AsyncIterator[OpenPage]:
    """`await open_page(renewal, tool)`: the form's page as its renewer sees it, on a computer with that
    tool."""
    contexts = []

    async def visit(
        renewal: UUID,
        tool: FakeTool | None = None,
        *,
        vgca: VgcaSimulator | None = None,
        kyso: KysoSimulator | None = None,
        role: str = "renewer",
        kind: str = "forms",
        language: Language = "vi",
        width: int = 1280,
    ) -> Page:
        context = await browser.new_context(
            base_url=address, viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        contexts.append(context)
        await (tool or FakeTool([], answers=False)).plug_into(context)
        if vgca:
            await vgca.plug_into(context)
        if kyso:
            await kyso.plug_into(context)
        token = signing.token(role=role)
        await context.request.post("/signing/session", form={"token": token, "next": ""}, max_redirects=0)
        page = await context.new_page()
        await page.goto(f"/signing/{kind}/{renewal}?lang={language}")
        return page

    yield visit
    for context in contexts:
        await context.close()
