"""Forms rendered by the service's renderer, against bare WeasyPrint with the same HTML.

The bare side uses every trick: a warm engine, styles parsed once, one FontConfiguration, the same embedded
fonts, no fetcher to set up, the same PDF/A variant. It does not fill a template, place the signature field or
check the content, and renders a single form without crossing a process boundary.
"""

import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader

from services.renewal.render import worker
from services.renewal.render.preview.samples import form
from services.renewal.render.renderer import TEMPLATES, Renderer
from services.renewal.render.wording import FILTERS
from shared.runtime.settings import Settings
from tests.bench.result import Result, compare
from tests.bench.servers import alternate

FORMS = 4
ROUNDS = 21
WARMING = 8
TEMPLATE = "general/form/2025-07-01.html"
CONTENT = form("short", "hcsn")


async def run(settings: Settings) -> list[Result]:
    one, two = Renderer(processes=1), Renderer(processes=2)
    spawn = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, spawn, initializer=worker.prepare) as bare_one,
        ProcessPoolExecutor(2, spawn, initializer=worker.prepare) as bare_two,
    ):
        try:
            return await _measured(one, two, bare_one, bare_two)
        finally:
            await one.close()
            await two.close()


async def _measured(
    one: Renderer, two: Renderer, bare_one: ProcessPoolExecutor, bare_two: ProcessPoolExecutor
) -> list[Result]:
    html = _html()
    await asyncio.gather(_together(one, WARMING), _together(two, WARMING))
    await asyncio.gather(_bare_together(bare_one, html, WARMING), _bare_together(bare_two, html, WARMING))
    alone = await alternate(
        "a form", ROUNDS, lambda: _one_by_one(one), lambda: _bare_one_by_one(bare_one, html)
    )
    pairs = await alternate(
        "two at once",
        ROUNDS,
        lambda: _together(two, 2 * FORMS),
        lambda: _bare_together(bare_two, html, 2 * FORMS),
    )
    note = f"{len(await one.form(CONTENT)) / 1024:.0f} KB"
    return [
        compare("form_render", 1000 / alone[0], 1000 / alone[1], at_most=1.15, unit="ms", note=note),
        compare("forms_of_two_workers", pairs[0], pairs[1], at_least=0.85, unit="forms/s"),
    ]


async def _one_by_one(renderer: Renderer) -> float:
    """Forms per second; each form is requested after the one before is finished."""
    began = time.perf_counter()
    for _ in range(FORMS):
        await renderer.form(CONTENT)
    return FORMS / (time.perf_counter() - began)


async def _together(renderer: Renderer, forms: int) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(renderer.form(CONTENT) for _ in range(forms)))
    return forms / (time.perf_counter() - began)


async def _bare_one_by_one(pool: ProcessPoolExecutor, html: str) -> float:
    """Timed inside the process, so that nothing crosses its boundary."""
    return await asyncio.get_running_loop().run_in_executor(pool, _bare_rate, html, FORMS)


async def _bare_together(pool: ProcessPoolExecutor, html: str, forms: int) -> float:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    await asyncio.gather(*(loop.run_in_executor(pool, _bare, html) for _ in range(forms)))
    return forms / (time.perf_counter() - began)


def _html() -> str:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters |= FILTERS
    return environment.get_template(TEMPLATE).render(content=CONTENT)


def _bare_rate(html: str, forms: int) -> float:
    began = time.perf_counter()
    for _ in range(forms):
        _bare(html)
    return forms / (time.perf_counter() - began)


def _bare(html: str) -> bytes:
    from weasyprint import HTML

    style, fonts, fetcher = _engine()
    document = HTML(string=html, url_fetcher=fetcher).render(stylesheets=[style], font_config=fonts)
    pdf: bytes = document.write_pdf(pdf_variant="pdf/a-3b")
    return pdf


@lru_cache(maxsize=1)
def _engine() -> tuple[Any, Any, Any]:
    """Imported here, because only after `prepare` does the engine know our fonts alone."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    from services.renewal.render.fetcher import ClosedFetcher

    fonts, fetcher = FontConfiguration(), ClosedFetcher()
    text = (TEMPLATES / "document.css").read_text(encoding="utf-8")
    return CSS(string=text, font_config=fonts, url_fetcher=fetcher), fonts, fetcher
