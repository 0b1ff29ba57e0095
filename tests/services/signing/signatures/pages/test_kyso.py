"""An office that has MISA KYSO: the page hands it the whole PDF, against a simulator of the program."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from deploy.local.people.pki import Credential, Pki
from shared.events.signing import FormSigned
from tests.services.signing.service import World, server_settings, signing_settings, world
from tests.services.signing.signatures.pages.conftest import OpenPage, said
from tests.services.signing.signatures.pages.fake_tool import FakeTool
from tests.services.signing.signatures.pages.kyso_simulator import KysoSimulator

SIGN = "start.button"


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
    await expect(page.get_by_text("Phiếu chưa được ký đúng ô")).to_be_visible()


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
