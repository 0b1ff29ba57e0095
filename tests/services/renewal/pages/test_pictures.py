"""Pictures of every page; `make pictures` keeps them under docs/pictures/pages."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page

from shared.events.base import Stage
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.steps import path, registered, renewer
from tests.services.renewal.world import World
from tests.support.browser import Visit
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


@pytest.fixture
def album() -> Album:
    folder = os.environ.get("GIAHAN_PICTURES")
    return Album(Path(folder) if folder else None)


async def test_notices_and_lock_screens(renewal_world: World, visit: Visit, album: Album) -> None:
    stages = [(Stage.EXPIRING, 12), (Stage.LOCKED, -3), (Stage.FINAL_NOTICE, -40), (Stage.TERMINATED, -70)]
    for stage, days_left in stages:
        ref = f"dv-{stage}"
        await licensed(renewal_world, ref, stage, days_left)
        page = await visit(renewal_world.people.renewer(ref))
        await page.goto(path(ref, "notice"))
        await album.take(page, f"notice-{stage}")
    member = await visit(renewal_world.people.member("dv-locked"))
    await member.goto(path("dv-locked", "notice"))
    await album.take(member, "notice-member")


async def test_the_way_to_a_registration(renewal_world: World, visit: Visit, album: Album) -> None:
    office_ref = "dv-00001"
    await licensed(renewal_world, office_ref, days_left=12)
    page = await visit(renewal_world.people.renewer(office_ref))
    for name, address in [
        ("products", f"/renewal/o/{office_ref}"),
        ("subscription", f"/renewal/o/{office_ref}/qlts"),
    ]:
        await page.goto(address)
        await album.take(page, name)
    await page.goto(path(office_ref, "declare"))
    await album.take(page, "declare")
    await page.get_by_label("Điện thoại").fill("12")
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await page.wait_for_load_state()
    await album.take(page, "declare-mistakes")
    await page.get_by_label("Điện thoại").fill("0912345678")
    await page.get_by_label("Đơn vị cam kết thanh toán").check()
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await page.wait_for_url("**/review")
    await album.take(page, "review")
    await page.get_by_role("link", name="Chọn cách gửi").click()
    await album.take(page, "send")


async def test_a_registration(renewal_world: World, visit: Visit, album: Album) -> None:
    office_ref = "dv-00002"
    await licensed(renewal_world, office_ref, days_left=12)
    reader = await renewer(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    for send_by in ("electronic", "paper"):
        done = await registered(renewal_world, reader, office_ref, send_by)
        made = done.form("/sending").action.removesuffix("/sending")
        await page.goto(f"{made}?done=yes")
        await album.take(page, f"registration-{send_by}")
        if send_by == "electronic":
            await page.goto(f"{made}/cancel")
            await album.take(page, "cancel")
            await reader.send((await reader.get(f"{made}/cancel")).form("/cancel"), reason="Khai lại")
    await page.goto(f"/renewal/o/{office_ref}/history")
    await album.take(page, "history")


async def test_english_sign_in_and_the_desk(renewal_world: World, visit: Visit, album: Album) -> None:
    office_ref = "dv-00003"
    await licensed(renewal_world, office_ref, days_left=12)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(f"{path(office_ref, 'declare')}?lang=en")
    await album.take(page, "declare-en")
    desk = await visit(renewal_world.people.clerk())
    await desk.goto("/renewal?office=nobody")
    await album.take(desk, "desk")
    await desk.context.clear_cookies()
    await desk.goto("/renewal")
    await album.take(desk, "signed-out")
