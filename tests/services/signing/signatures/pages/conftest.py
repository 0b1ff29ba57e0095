"""The signing page in a real Chromium."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from playwright.async_api import Page, Route

from services.signing.pages.site import CATALOGUE
from shared.text.i18n import Language
from tests.services.signing.conftest import SignIn
from tests.services.signing.signatures.pages.fake_tool import FakeTool
from tests.services.signing.signatures.pages.kyso_simulator import KysoSimulator
from tests.services.signing.signatures.pages.vgca_simulator import VgcaSimulator

OpenPage = Callable[..., Awaitable[Page]]


def said(key: str, language: Language = "vi") -> str:
    return CATALOGUE.both(key).pick(language)


async def lose_answers(page: Page, path: str, method: str, *, times: int) -> list[int]:
    """Our service does what the page asks, but its first answers with this method are lost. Returns the
    statuses of those answers, as they come."""
    lost: list[int] = []

    async def pass_on(route: Route) -> None:
        if route.request.method == method and len(lost) < times:
            lost.append((await route.fetch()).status)
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route(path, pass_on)
    return lost


@pytest.fixture
def open_page(sign_in: SignIn) -> OpenPage:
    """`await open_page(renewal, tool)`: the form's page as its renewer sees it, on a computer with that
    tool."""

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
        context = await sign_in(role=role, width=width)
        await (tool or FakeTool([], answers=False)).plug_into(context)
        if vgca:
            await vgca.plug_into(context)
        if kyso:
            await kyso.plug_into(context)
        page = await context.new_page()
        await page.goto(f"/signing/{kind}/{renewal}?lang={language}")
        return page

    return visit
