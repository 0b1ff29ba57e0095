"""Takes pictures of pages, in two widths."""

import io
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from tests.support.service_process import until

LARGEST = 150_000
WIDTHS = (1280, 320)
GUIDE_SIZE = (800, 900)
"""The largest picture of the guide for offices: what is higher is cut off below."""


class Album:
    """Without a folder it takes no picture, but still checks that the form's preview is rendered."""

    def __init__(self, folder: Path | None, guide: Path | None = None) -> None:
        """`guide`: the folder of the guide's pictures."""
        self._folder, self._guide = folder, guide
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    async def take(self, page: Page, name: str, chapter: str = "") -> None:
        """`chapter`: of the guide, which shows this page."""
        if self._folder is None:
            await _preview_is_drawn(page)
            return
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            height = await page.evaluate("document.documentElement.scrollHeight")
            await page.set_viewport_size({"width": width, "height": height})
            await _preview_is_drawn(page)
            drawn = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
            file = self._folder / f"{name}-{width}.png"
            drawn.quantize(48).save(file, optimize=True)
            assert file.stat().st_size < LARGEST, f"{file.name} is too large"
            if chapter and self._guide and width == WIDTHS[0]:
                _for_guide(drawn).save(self._guide / f"{chapter}.png", optimize=True)


def _for_guide(drawn: Image.Image) -> Image.Image:
    width, height = GUIDE_SIZE
    small = drawn.resize((width, drawn.height * width // drawn.width), Image.Resampling.LANCZOS)
    return small.crop((0, 0, width, min(height, small.height))).quantize(48)


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
