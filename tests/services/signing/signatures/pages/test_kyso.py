"""An office that has MISA KYSO: the page hands it the whole PDF, against a simulator of the program."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Route, expect

from deploy.local.people.pki import Credential, Pki
from shared.events.signing import FormSigned
from tests.services.signing.service import World, server_settings, signing_settings, world
from tests.services.signing.signatures.pages.conftest import OpenPage, lose_answers, said
from tests.services.signing.signatures.pages.fake_tool import FakeTool
from tests.services.signing.signatures.pages.kyso_simulator import KysoSimulator

expect.set_options(timeout=60_000)
SIGN = "start.button"
UPLOAD = "**/signing/transfers/*"


@pytest.fixture(scope="module")
async def signing(
    kafka: str, mongo_uri: str, pki: Pki, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Where the vendor has set that the page looks for KYSO."""
    settings = server_settings(kafka, mongo_uri, tmp_path_factory.mktemp("people"))
    async with world(signing_settings(settings, pki, kyso=True)) as made:
        yield made


async def test_form_is_signed_by_the_program(open_page: OpenPage, signing: World, office: Credential) -> None:
    """It is preferred to our own tool, which answers too."""
    renewal, ours, kyso = await signing.form(), FakeTool([office]), KysoSimulator(office)
    page = await open_page(renewal, ours, kyso=kyso)
    await page.get_by_role("button", name=said(SIGN)).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))
    event = await signing.wait_for(FormSigned, renewal)
    assert event.certificate.fingerprint == office.fingerprint
    assert ours.asked == []
    assert [asked["action"] for asked in kyso.asked] == ["SignPDF"]


async def test_only_a_page_that_looks_for_it_may_call_its_addresses(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    page = await open_page(await signing.form())
    answer = await page.reload()
    assert answer
    policy = answer.headers["content-security-policy"]
    for port in (11984, 11985, 12680, 12681, 12683):
        assert f"ws://localhost:{port}" in policy
    assert await page.locator("#sign[data-kyso]").count() == 1


async def test_what_the_program_returns_is_verified_as_an_upload(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    kyso = KysoSimulator(office, signs=False)
    page = await open_page(await signing.form(), kyso=kyso)
    await page.get_by_role("button", name=said(SIGN)).click()
    await expect(page.get_by_text("Tệp chưa có chữ ký số nào")).to_be_visible()


async def test_person_cancels_and_signs_then(open_page: OpenPage, signing: World, office: Credential) -> None:
    kyso = KysoSimulator(office, cancels=True)
    page = await open_page(await signing.form(), kyso=kyso)
    await page.get_by_role("button", name=said(SIGN)).click()
    await expect(page.get_by_text("Người dùng hủy ký số")).to_be_visible()
    kyso.cancels = False
    await page.get_by_role("button", name=said("step.again")).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))


@pytest.mark.parametrize(
    "words",
    ["<html>", "null", '"text"', '{"status":true,"data":"{"}', '{"status":true,"data":"{\\"files\\":[]}"}'],
)
async def test_answer_that_is_not_understood(
    open_page: OpenPage, signing: World, office: Credential, words: str
) -> None:
    page = await open_page(await signing.form(), kyso=KysoSimulator(office, says=words))
    await page.get_by_role("button", name=said(SIGN)).click()
    await expect(page.get_by_text(said("failure.tool_problem"))).to_be_visible()


async def test_lost_answer_is_asked_for_again(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    """The program signs once, and the same file is sent again."""
    renewal, kyso = await signing.form(), KysoSimulator(office)
    page = await open_page(renewal, kyso=kyso)
    lost = await lose_answers(page, UPLOAD, "POST", times=1)
    await page.get_by_role("button", name=said(SIGN)).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))
    assert (lost, len(kyso.asked)) == ([200], 1)
    assert len(signing.published(FormSigned, renewal)) == 1


INTERNAL = '{"type": "urn:giahan:problem:internal", "title": "Lỗi"}'


@pytest.mark.parametrize("said_instead", ["", "<html>", INTERNAL], ids=["lost", "from before it", "broken"])
async def test_page_without_an_answer_never_says_that_nothing_was_sent(
    open_page: OpenPage, signing: World, office: Credential, said_instead: str
) -> None:
    """Nor if what stands before our service answers, or our service broke."""
    page = await open_page(await signing.form(), kyso=KysoSimulator(office))

    async def refuse(route: Route) -> None:
        if route.request.method == "POST":
            await route.fulfill(status=500, body=said_instead)
        else:
            await route.continue_()

    if said_instead:
        await page.route(UPLOAD, refuse)
    else:
        await lose_answers(page, UPLOAD, "POST", times=5)
    await page.get_by_role("button", name=said(SIGN)).click()
    await expect(page.get_by_text(said("failure.unknown"))).to_be_visible()
    await expect(page.locator("[data-unsent]")).to_be_hidden()
    await page.get_by_role("button", name=said("step.reload")).click()
    if said_instead:
        await expect(page.get_by_role("button", name=said(SIGN))).to_be_visible()
    else:
        await expect(page.get_by_text(said("state.done_form"))).to_be_visible()
