"""Pictures of the signing page in each of its states: `make pictures` stores them in docs/pictures/pages."""

from typing import Any

import pytest
from playwright.async_api import expect

from deploy.local.people.pki import Credential, Holder, Pki
from tests.services.signing.service import World
from tests.services.signing.signatures.pages.conftest import OpenPage, said
from tests.services.signing.signatures.pages.fake_tool import FakeTool
from tests.services.signing.signatures.pages.vgca_simulator import VgcaSimulator
from tests.support.album import Album

pytestmark = pytest.mark.sweep

SHOW = """name => {
  for (const step of document.querySelectorAll("[data-step]")) step.hidden = step.dataset.step !== name;
}"""
STEPS = ("permission", "denied", "searching", "pairing", "confirming", "sending")
"""Steps that pass by themselves, or that only a browser which asks shows: here the test shows them."""


async def test_before_and_after(
    open_page: OpenPage, signing: World, office: Credential, album: Album
) -> None:
    page = await open_page(await signing.form(), FakeTool([office]))
    await album.take(page, "sign-start", "sign")
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.get_by_text(said("state.done_form"))).to_be_visible()
    await album.take(page, "sign-done")


async def test_certificates(
    open_page: OpenPage, signing: World, office: Credential, pki: Pki, album: Album
) -> None:
    other = pki.credential("picture-other", Holder("Đơn vị khác", ("MST:0100686209",)))
    second = pki.credential("picture-second", Holder("Sở Tài chính, dự phòng", ("MNS:1047665",)))
    stranger = pki.credential("picture-stranger", Holder("Không ai biết"), trusted=False)
    page = await open_page(await signing.form(), FakeTool([office, second, other, stranger]))
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.get_by_role("radio")).to_have_count(4)
    await album.take(page, "sign-choose")


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("none", {"answers": False}),
        ("outdated", {"protocol": 2}),
        ("no-token", {"refuses": {"/certificates": {"code": "no_token"}}}),
        ("pin-wrong", {"refuses": {"/signatures": {"code": "pin_wrong", "pin": {"final_try": True}}}}),
        ("pin-locked", {"refuses": {"/signatures": {"code": "pin_locked"}}}),
    ],
)
async def test_what_stops_the_signature(
    open_page: OpenPage, signing: World, office: Credential, album: Album, name: str, tool: dict[str, Any]
) -> None:
    page = await open_page(await signing.form(), FakeTool([office], **tool))
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.get_by_role("button", name=said("step.again")).locator("visible=true")).to_be_visible()
    await album.take(page, f"sign-{name}")


async def test_several_tools(open_page: OpenPage, signing: World, office: Credential, album: Album) -> None:
    page = await open_page(await signing.form(), FakeTool([office]), vgca=VgcaSimulator(office, waits=True))
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.get_by_role("heading", name=said("tools.title"))).to_be_visible()
    await album.take(page, "sign-tools")


async def test_steps_on_the_way(open_page: OpenPage, signing: World, album: Album) -> None:
    page = await open_page(await signing.form())
    for step in STEPS:
        await page.evaluate(SHOW, step)
        await expect(page.get_by_role("heading", name=said(f"step.{step}"))).to_be_visible()
        await album.take(page, f"sign-{step}")


async def test_refused_upload(open_page: OpenPage, signing: World, album: Album) -> None:
    page = await open_page(await signing.form())
    await page.get_by_role("button", name=said("upload.button")).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await album.take(page, "sign-upload-refused")
