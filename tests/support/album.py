"""Takes pictures of pages, in two widths."""

import io
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from tests.support.service_process import until

LARGEST = 150_000
WIDTHS = (1280, 320)


class Album:
    """Without a folder it takes no picture, but still checks that the form's preview is rendered."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    async def take(self, page: Page, name: str) -> None:
        if self._folder is None:
            await _preview_is_drawn(page)
            return
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            height = await page.evaluate("document.documentElement.scrollHeight")
            await page.set_viewport_size({"width": width, "height": height})
            await _preview_is_drawn(page)
            drawn = await page.screenshot()
            file = self._folder / f"{name}-{width}.png"
            Image.open(io.BytesIO(drawn)).convert("RGB").quantize(48).save(file, optimize=True)
            assert file.stat().st_size < LARGEST, f"{file.name} is too large"


async def _preview_is_drawn(page: Page) -> None:
    """The place of the form's preview: the browser's PDF viewer draws it on a dark background, and later than
    the page."""
    preview = page.locator("iframe.preview")
    if not await preview.is_visible():
        return

    async def is_light() -> bool:
        shown = Image.open(io.BytesIO(await preview.screenshot())).convert("L")
        return bool(shown.resize((1, 1)).tobytes()[0] > 128)

    await until(is_light, "the preview of the form")
