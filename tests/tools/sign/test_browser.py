"""A page of an https site asks the tool, in real Chromium with its permission for loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Page, Route

from tests.support.browser import chromium
from tests.tools.sign.conftest import Office
from tests.tools.sign.served import SITE, ServedTool, serve, signature_body

_ASK = """async ([url, body]) => {
    const post = {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)};
    return (await fetch(url, body ? post : {})).json();
}"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as one:
        yield one


@asynccontextmanager
async def page_of_site(browser: Browser, *permissions: str) -> AsyncIterator[Page]:
    async def answer(route: Route) -> None:
        await route.fulfill(body="<!doctype html><title>site</title>", content_type="text/html")

    context = await browser.new_context()
    await context.grant_permissions(permissions, origin=SITE)
    await context.route(f"{SITE}/**", answer)
    page = await context.new_page()
    await page.goto(f"{SITE}/")
    yield page
    await context.close()


async def ask(page: Page, tool: ServedTool, path: str, body: dict[str, Any] | None = None) -> Any:
    return await page.evaluate(_ASK, [tool.url + path, body])


async def test_a_page_pairs_lists_and_has_a_form_signed(
    browser: Browser, office: Office, tmp_path: Path
) -> None:
    async with (
        serve(tmp_path, office.library, paired=False) as tool,
        page_of_site(browser, "local-network-access") as page,
    ):
        assert (await ask(page, tool, "/v1/certificates"))["error"]["code"] == "origin_not_paired"
        assert await ask(page, tool, "/v1/pairing", {}) == {"protocol": 1, "paired": True}
        listed = (await ask(page, tool, "/v1/certificates"))["certificates"]
        assert office.ids["rsa"] in {one["id"] for one in listed}
        signed = await ask(page, tool, "/v1/signatures", signature_body(office.ids["rsa"]))
        assert signed["algorithm"] == "PS256"


async def test_where_the_person_denies_loopback_the_tool_hears_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    async with serve(tmp_path, paired=False) as tool, page_of_site(browser) as page:
        with pytest.raises(Error, match="Failed to fetch"):
            await ask(page, tool, "/v1/pairing", {})
        assert tool.person.asked.empty()
