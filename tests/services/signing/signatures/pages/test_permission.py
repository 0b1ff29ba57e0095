"""Chromium's permission for apps on this device, as a page of an https site meets it: asked about beforehand,
granted, or denied."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, Route, expect

from deploy.local.people.pki import Credential
from tests.services.signing.service import World
from tests.services.signing.signatures.pages.conftest import said
from tests.services.signing.signatures.pages.fake_tool import FakeTool

SITE = "https://giahan.example"
OpenAtSite = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_at_site(browser: Browser, address: str, signing: World) -> AsyncIterator[OpenAtSite]:
    """The page of a new form at an https site; `permissions` are granted to it before, and all others denied.
    None: the browser asks."""
    contexts = []

    async def visit(permissions: list[str] | None, tool: FakeTool | None = None) -> Page:
        context = await browser.new_context()
        contexts.append(context)
        cookie = f"giahan_session={signing.token()}"

        async def forward(route: Route) -> None:
            url = route.request.url.replace(SITE, address)
            answer = await route.fetch(url=url, headers={**route.request.headers, "cookie": cookie})
            await route.fulfill(response=answer)

        if permissions is not None:
            await context.grant_permissions(permissions, origin=SITE)
        await context.route(f"{SITE}/**", forward)
        if tool:
            await tool.plug_into(context)
        page = await context.new_page()
        await page.goto(f"{SITE}/signing/forms/{await signing.form()}?lang=vi")
        await page.get_by_role("button", name=said("start.button")).click()
        return page

    yield visit
    for context in contexts:
        await context.close()


async def test_question_of_the_browser_is_explained_before_it_comes(open_at_site: OpenAtSite) -> None:
    page = await open_at_site(None)
    await expect(page.get_by_role("heading", name=said("step.permission"))).to_be_focused()
    await expect(page.get_by_role("button", name=said("step.permission_button"))).to_be_visible()


async def test_page_that_is_denied_says_where_to_allow_it(open_at_site: OpenAtSite) -> None:
    page = await open_at_site([])
    await expect(page.get_by_role("heading", name=said("step.denied"))).to_be_focused()


async def test_page_that_is_allowed_already_looks_at_once(
    open_at_site: OpenAtSite, office: Credential
) -> None:
    tool = FakeTool([office], paired=False, refuses={"/pairing": {"code": "pairing_refused"}})
    page = await open_at_site(["local-network-access"], tool)
    await expect(page.get_by_text(said("failure.pairing_refused"))).to_be_visible()
