"""Debian's Chromium, for tests of pages over a real socket."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from axe_playwright_python.async_playwright import Axe
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright

from deploy.local.host.browser import CHROMIUM_ARGUMENTS, chromium_path
from deploy.local.host.ports import HOST, free_port

Visit = Callable[..., Awaitable[Page]]
WIDTHS = (1280, 768, 320)
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # reporting the passes would double the time
}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def serve_on_port(app: FastAPI) -> AsyncIterator[str]:
    """Serve the app on a free port. Yields its address."""
    port = free_port()
    config = uvicorn.Config(app, host=HOST, port=port, lifespan="off", log_config=None, access_log=False)
    server = _Server(config)
    async with server.served():
        yield f"http://{HOST}:{port}"


class _Server(uvicorn.Server):
    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup()
        try:
            yield
        finally:
            await self.shutdown()


async def page_problems(page: Page) -> list[str]:
    """The accessibility problems that axe finds, and whether the page must be scrolled sideways."""
    results = await Axe().run(page, options=_RULES)
    found = [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, f"{page.url} is {wide} px too wide"] if wide > 0 else found
