"""A real Chromium on the running renewal service."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page

from tests.services.renewal.pages.reader import token
from tests.services.renewal.world import World
from tests.support.browser import chromium, listening
from tests.support.people import Headers

Visit = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="session")
async def address(renewal_world: World) -> AsyncIterator[str]:
    async with listening(renewal_world.app) as url:
        yield url


@pytest.fixture
async def visit(browser: Browser, address: str) -> AsyncIterator[Visit]:
    """A browser window of somebody who is signed in: `await visit(headers, width=320, scripts=False)`."""
    contexts = []

    async def open_window(headers: Headers, *, width: int = 1280, scripts: bool = True) -> Page:
        context = await browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            locale="vi-VN",
            reduced_motion="reduce",
        )
        contexts.append(context)
        await context.request.post("/renewal/session", form={"token": token(headers), "next": ""})
        return await context.new_page()

    yield open_window
    for context in contexts:
        await context.close()
