"""One running renewal service for the tests of this folder, and a real Chromium on it.

Each test has an office of its own.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from services.renewal.render.renderer import Renderer, job
from shared.ids import fresh
from tests.services.renewal.pages.reader import token
from tests.services.renewal.world import World, own_settings, world
from tests.support.browser import Visit, chromium, serve_on_port
from tests.support.people import Headers, People

Render = Callable[[Renderer, Any], Awaitable[bytes]]
SHIPPED = Path(__file__).parents[3] / "services/renewal/catalogue.json"


@pytest.fixture(scope="session")
async def renewal_world(
    kafka: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("renewal")
    settings = own_settings(
        kafka,
        mongo_uri,
        folder,
        catalogue=_catalogue(folder),
        writes_a_minute=100_000,
        desk_writes_a_minute=100_000,
    )
    async with world(settings, People(folder / "jwks.json")) as running:
        yield running


@pytest.fixture(scope="module")
def rendered_once() -> Iterator[None]:
    """In this module, each kind of document is rendered once. Each has a last line of its own, so that no two
    are the same file. For tests that only pass documents on, because rendering takes longer than the rest."""
    first: dict[str, bytes] = {}

    def once(render: Render, kind: str) -> Render:
        async def rendered(self: Renderer, content: Any) -> bytes:
            if kind not in first:
                first[kind] = await render(self, content)
            return first[kind] + b"%%%s\n" % sha256(job(content)).hexdigest().encode()

        return rendered

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Renderer, "form", once(Renderer.form, "form"))
        patch.setattr(Renderer, "contract", once(Renderer.contract, "contract"))
        yield


@pytest.fixture
def office_ref() -> str:
    return f"T-{fresh().hex[:8]}"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="session")
async def address(renewal_world: World) -> AsyncIterator[str]:
    async with serve_on_port(renewal_world.app) as url:
        yield url


@pytest.fixture
async def visit(browser: Browser, address: str) -> AsyncIterator[Visit]:
    """A browser window of a signed-in person: `await visit(headers, width=320, scripts=False)`."""
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


def _catalogue(folder: Path) -> Path:
    """The shipped catalogue and more products: for `manual` the desk prepares the contracts, for `both` the
    office also signs them, `timely` can be renewed only in the last 90 days, and `order-1` and `order-2` have
    one contract where they stand on one form."""
    catalogue = json.loads(SHIPPED.read_text(encoding="utf-8"))
    products = catalogue["editions"][0]["products"]
    products.append(deepcopy(products[0]) | {"code": "manual", "contract_prepare": "desk"})
    products.append(deepcopy(products[0]) | {"code": "both", "assent_days": 10})
    window = {"earliest_renewal_days": 90, "earlier": "refuse"}
    products.append(deepcopy(products[0]) | {"code": "timely", "window": window})
    order = [deepcopy(products[0]) | {"code": f"order-{n}", "contract_number": "order"} for n in (1, 2)]
    later = {"effective_from": "2025-07-01", "products": [*products, *order]}
    catalogue["editions"].append(later)
    path = folder / "catalogue.json"
    path.write_text(json.dumps(catalogue), encoding="utf-8")
    return path
