"""Whether pages are accessible in both languages, at both widths."""

from playwright.async_api import Page

from tests.support.browser import page_problems

LOOKS = [("vi", 320), ("en", 1280)]


async def is_fine(page: Page, *addresses: str) -> None:
    """In Vietnamese, whose words are longest, at the narrowest width; in English at a desktop's width."""
    for address in addresses:
        for language, width in LOOKS:
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
            problems = await page_problems(page)
            assert problems == [], f"{address} in {language} at {width}: {problems}"
