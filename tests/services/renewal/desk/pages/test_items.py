"""The desk's items in a real browser: by keyboard, accessible, and typed text is not lost."""

import pytest
from playwright.async_api import expect

from shared.events.base import Stage
from shared.ids import fresh
from shared.web.people import Role
from tests.services.renewal.desk.items import comes
from tests.services.renewal.desk_events import (
    access_held,
    contract_withheld,
    notice_failed,
    order_contradicted,
)
from tests.services.renewal.offices import licensed
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.world import World
from tests.support.album import Album
from tests.support.browser import Visit

pytestmark = pytest.mark.usefixtures("rendered_once")


@pytest.mark.parametrize("scripts", [True, False])
async def test_bounced_notice_is_called_about_and_done(
    renewal_world: World, office_ref: str, visit: Visit, album: Album, scripts: bool
) -> None:
    world = renewal_world
    await licensed(world, office_ref, stage=Stage.EXPIRING)
    await world.tell(world.subscription, notice_failed(office_ref, office_ref))
    await world.tell(world.subscription, access_held(office_ref))
    await world.tell(world.subscription, contract_withheld(office_ref, fresh()))
    await world.tell(world.subscription, order_contradicted(office_ref, fresh()))
    await comes(world, office_ref, 4)
    page = await visit(world.people.headers(Role.DESK), scripts=scripts)
    if scripts:
        await is_fine(page, f"/renewal/desk/items?office={office_ref}")
        await page.goto(f"/renewal/desk/items?office={office_ref}&lang=vi")
        await album.take(page, "desk-items")
        await page.set_viewport_size({"width": 1280, "height": 900})
    await page.goto("/renewal/desk?lang=vi")
    await page.get_by_role("link", name="Việc khác cần xử lý").click()
    await page.get_by_label("Loại việc").select_option("notice_failed")
    await page.get_by_label("Mã đơn vị").fill(office_ref)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**kind=notice_failed**")
    await expect(page.get_by_text("Phiếu giấy bị gửi trả")).to_be_visible()
    await page.locator("summary").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Đã xong").click()
    await expect(page.get_by_role("alert")).to_have_text("Vui lòng ghi đã làm gì")
    await page.get_by_label("Đã làm gì").fill("Đã gọi cô Lan")
    await page.get_by_role("button", name="Đã xong").click()
    await expect(page.get_by_role("status")).to_have_text("Đã ghi là xong.")
    await expect(page.get_by_text("Không có việc nào.")).to_be_visible()
    left = {item["kind"]: item for item in await comes(world, office_ref, 3)}
    assert left.keys() == {"access_held", "contract_withheld", "order_contradicted"}
    assert "basic" in left["order_contradicted"]["about_text"][0]
    assert left["order_contradicted"]["contradicted"]["users"] == 30
    assert left["contract_withheld"]["about_text"][0] == "Không có đăng ký này"
    await page.goto(f"/renewal/desk/items?office={office_ref}&kind=access_held&lang=vi")
    await page.locator("summary").click()
    await page.get_by_label("Đã làm gì").fill("Đã gọi, đơn vị biết ngày hết hạn")
    await page.get_by_role("button", name="Ngày này đúng").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã xác nhận ngày hết hạn")
    await comes(world, office_ref, 2)


async def test_two_clerks_do_not_overwrite_each_other(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    await world.tell(world.subscription, notice_failed(office_ref, office_ref))
    await comes(world, office_ref)
    pages = [await visit(world.people.headers(Role.DESK, number=n)) for n in (1, 2)]
    for n, page in enumerate(pages):
        await page.goto(f"/renewal/desk/items?office={office_ref}")
        await page.locator("summary").click()
        await page.get_by_label("Đã làm gì").fill(f"Người {n} đã gọi")
    await pages[0].get_by_role("button", name="Đã xong").click()
    await expect(pages[0].get_by_role("status")).to_be_visible()
    await pages[1].get_by_role("button", name="Đã xong").click()
    await expect(pages[1].get_by_role("alert")).to_have_text("Việc này đã xong")
    await expect(pages[1].get_by_text("desk-1 đã xử lý xong lúc")).to_contain_text("Đã ghi: Người 0 đã gọi")
    await expect(pages[1].get_by_text("Nội dung bạn đã nhập, chưa được ghi")).to_be_visible()
    await expect(pages[1].get_by_text("Người 1 đã gọi")).to_be_visible()
    await expect(pages[1].get_by_role("button", name="Đã xong")).to_have_count(0)
