"""An office follows its paper form in a real browser: it uploads a copy, the form is sent back, and it is
refused."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.async_api import FilePayload, Page, expect

from deploy.local.demo.scanner import scan_pages
from shared.events.base import Stage
from shared.events.paper_form import PaperCopyUploaded
from tests.services.renewal.messages import recorded
from tests.services.renewal.offices import EXPIRED
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.paper.posted_forms import judge, take_in
from tests.services.renewal.waiting_registrations import register_and_print
from tests.services.renewal.world import World
from tests.support.album import Album
from tests.support.browser import Visit

Step = Callable[[World, dict[str, Any], bytes], Awaitable[Any]]


async def _received(world: World, made: dict[str, Any], form: bytes) -> None:
    await take_in(world, made, scan_pages(form, seed=1)[0])


async def _returned(world: World, made: dict[str, Any], form: bytes) -> None:
    await _received(world, made, form)
    await judge(world, made["id"], "paper/return", {"reason": "unstamped", "note": "Thiếu dấu tròn"})


async def _refused(world: World, made: dict[str, Any], form: bytes) -> None:
    await judge(world, made["id"], "refuse", {"reason": "Chưa thanh toán hai năm trước"})


async def _accepted(world: World, made: dict[str, Any], form: bytes) -> None:
    await _received(world, made, form)
    await judge(world, made["id"], "paper/accept")


STANDS: dict[str, tuple[Step, tuple[str, ...]]] = {
    "received": (_received, ("Phiếu đến ngày", "Bản chụp phiếu giấy đã nhận", "Hủy đăng ký")),
    "returned": (_returned, ("Thiếu dấu tròn", "Đăng ký vẫn còn hiệu lực", "Không gập", "Hủy đăng ký")),
    "refused": (_refused, ("Chưa thanh toán hai năm trước",)),
    "accepted": (_accepted, ("Phiếu đã đóng dấu, được chấp nhận", "Hợp đồng chờ ký số")),
}


async def test_picture_of_the_form_is_sent_from_the_page(
    renewal_world: World, office_ref: str, visit: Visit, album: Album
) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    page = await visit(world.people.renewer(office_ref))
    await page.goto(f"/renewal/registrations/{made['id']}")
    await page.get_by_role("link", name="Gửi ảnh phiếu đã đóng dấu").click()
    await album.take(page, "show", "paper")
    await _choose(page, "thu.txt", "text/plain", b"not a picture")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Ảnh hoặc tệp PDF")).to_have_attribute("aria-invalid", "true")
    await _choose(page, "phieu.jpg", "image/jpeg", scan_pages(form, seed=2, turn=90, noise=6.0)[0])
    await page.wait_for_url("**said=shown")
    await expect(page.get_by_role("link", name="Ảnh phiếu đơn vị đã gửi")).to_be_visible()
    await world.hears(PaperCopyUploaded, UUID(made["id"]))


async def test_page_shows_where_the_form_is(
    renewal_world: World, office_ref: str, visit: Visit, album: Album
) -> None:
    for name, (step, said) in STANDS.items():
        ref = f"{office_ref}-{name}"
        made, form = await register_and_print(renewal_world, ref)
        await step(renewal_world, made, form)
        page = await visit(renewal_world.people.renewer(ref))
        address = f"/renewal/registrations/{made['id']}"
        await is_fine(page, address)
        await page.goto(f"{address}?lang=vi")
        for words in said:
            await expect(page.get_by_text(words)).to_be_visible()
        assert await page.get_by_role("link", name="Hủy đăng ký").is_visible() == ("Hủy đăng ký" in said)
        await album.take(page, f"registration-{name}")


async def test_refused_office_may_register_again(renewal_world: World, office_ref: str, visit: Visit) -> None:
    made, form = await register_and_print(renewal_world, office_ref)
    await _refused(renewal_world, made, form)
    address = f"/renewal/registrations/{made['id']}"
    member = await visit(renewal_world.people.member(office_ref))
    await member.goto(address)
    await expect(member.get_by_role("link", name="Đăng ký lại")).to_be_hidden()
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(address)
    await page.get_by_role("link", name="Đăng ký lại").click()
    await is_fine(page, f"{address}/again")
    await page.goto(f"{address}/again?lang=vi")
    await expect(page.get_by_text("Chưa thanh toán hai năm trước")).to_be_visible()
    await page.get_by_role("button", name="Điền lại từ đăng ký này").click()
    await page.wait_for_url(f"**/o/{office_ref}/qlts/declare")


async def test_page_shows_temporary_access(
    renewal_world: World, office_ref: str, visit: Visit, album: Album
) -> None:
    world = renewal_world
    made, _ = await register_and_print(world, office_ref)
    until = world.service.clock.now().date() + timedelta(days=15)
    told = recorded(office_ref=office_ref, stage=Stage.EXPIRING, expires_on=EXPIRED)
    await world.tell(world.subscription, told.model_copy(update={"temporary_until": until}))
    await world.knows(office_ref, "qlts", temporary_until=until.isoformat())
    page = await visit(world.people.renewer(office_ref))
    shown = f"/renewal/o/{office_ref}/qlts"
    for address in (f"/renewal/registrations/{made['id']}", shown, f"{shown}/notice"):
        await page.goto(address)
        await expect(page.get_by_text(f"{until:%d/%m/%Y}").first).to_be_visible()
    await expect(
        page.get_by_role("heading", name=f"Được dùng tạm đến hết ngày {until:%d/%m/%Y}")
    ).to_be_visible()
    await album.take(page, "notice-temporary")


async def _choose(page: Page, name: str, media_type: str, content: bytes) -> None:
    chosen: FilePayload = {"name": name, "mimeType": media_type, "buffer": content}
    await page.get_by_label("Ảnh hoặc tệp PDF").set_input_files(chosen)
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await page.wait_for_load_state()
