"""An office on whose computer several signing tools answer: the first is used, and the person may
take another."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, Route, expect

from deploy.local.people.pki import Credential, Pki
from services.signing.pages.site import CATALOGUE
from shared.text.i18n import Language
from tests.services.signing.service import World, server_settings, signing_settings, world
from tests.services.signing.signatures.pages.conftest import OpenPage, said
from tests.services.signing.signatures.pages.fake_tool import FakeTool
from tests.services.signing.signatures.pages.kyso_simulator import KysoSimulator
from tests.services.signing.signatures.pages.vgca_simulator import VgcaSimulator
from tests.support.browser import page_problems

expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
async def signing(
    kafka: str, mongo_uri: str, pki: Pki, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Where the vendor has set that the page looks for KYSO."""
    settings = server_settings(kafka, mongo_uri, tmp_path_factory.mktemp("people"))
    async with world(signing_settings(settings, pki, kyso=True)) as made:
        yield made


def way_to(page: Page, tool: str, language: Language = "vi") -> Locator:
    """The button that takes this tool."""
    name = CATALOGUE.both("tools.use", tool=CATALOGUE.both(f"tools.{tool}"))
    return page.get_by_role("button", name=name.pick(language), exact=True)


async def start(page: Page, language: Language = "vi") -> None:
    await page.get_by_role("button", name=said("start.button", language)).click()


async def is_signed(page: Page) -> None:
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_person_takes_another_tool_by_keyboard(
    open_page: OpenPage, signing: World, office: Credential, language: Language
) -> None:
    """While the first one waits for its PIN."""
    ours, vgca = FakeTool([office]), VgcaSimulator(office, waits=True)
    page = await open_page(
        await signing.form(), ours, vgca=vgca, kyso=KysoSimulator(office), language=language
    )
    await start(page, language)
    used = CATALOGUE.both("tools.used", tool=said("tools.vgca"))
    await expect(page.get_by_text(used.pick(language))).to_be_visible()
    await expect(way_to(page, "vgca", language)).to_be_hidden()
    await expect(way_to(page, "kyso", language)).to_be_visible()
    assert await page_problems(page) == []
    await way_to(page, "giahan", language).press("Enter")
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form", language))
    assert len(ours.asked) == 1


async def test_tool_that_failed_leaves_the_way_to_the_other(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    vgca, kyso = VgcaSimulator(office, cancels=True), KysoSimulator(office)
    page = await open_page(await signing.form(), vgca=vgca, kyso=kyso)
    await start(page)
    await expect(page.get_by_text("Người dùng hủy ký số")).to_be_visible()
    await expect(way_to(page, "giahan")).to_be_hidden()
    await way_to(page, "kyso").click()
    await is_signed(page)
    assert len(kyso.asked) == 1


async def test_new_try_uses_the_tool_that_was_taken(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    """Also back from our own tool, which stops waiting for its PIN."""
    ours = FakeTool([office], refuses={"/signatures": {"code": "pin_wrong"}})
    vgca = VgcaSimulator(office, waits=True)
    page = await open_page(await signing.form(), ours, vgca=vgca)
    await start(page)
    await way_to(page, "giahan").click()
    await expect(page.get_by_text(said("failure.pin_wrong"))).to_be_visible()
    ours.refuses.clear()
    ours.silent.add("/signatures")
    await page.get_by_role("button", name=said("step.again")).click()
    vgca.waits = False
    await expect(page.get_by_role("heading", name=said("step.confirming"))).to_be_visible()
    await way_to(page, "vgca").click()
    await is_signed(page)
    assert ours.asked == []


async def test_person_takes_another_tool_while_our_service_judges_the_certificates(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    """At once, and no attempt is begun for the first one."""
    ours, vgca = FakeTool([office]), VgcaSimulator(office, cancels=True)
    renewal = await signing.form()
    page = await open_page(renewal, ours, vgca=vgca)
    unanswered: list[Route] = []
    await page.route("**/api/forms/*/certificates", lambda route: unanswered.append(route))
    await start(page)
    async with page.expect_request("**/api/forms/*/certificates"):
        await way_to(page, "giahan").click()
    vgca.cancels = False
    await way_to(page, "vgca").click()
    await is_signed(page)
    form = await signing.forms.get(renewal)
    assert form is not None
    assert (len(unanswered), form.attempts, ours.asked) == (1, (), [])


async def test_one_tool_leaves_no_choice(open_page: OpenPage, signing: World, office: Credential) -> None:
    page = await open_page(await signing.form(), FakeTool([office], silent={"/signatures"}))
    await start(page)
    await expect(page.get_by_role("heading", name=said("step.confirming"))).to_be_visible()
    await expect(page.get_by_role("heading", name=said("tools.title"))).to_be_hidden()
