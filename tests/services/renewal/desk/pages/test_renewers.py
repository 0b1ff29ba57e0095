"""The desk appoints another renewer in a real browser: accessible, and typed text is not lost."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from shared.web.people import Role
from tests.services.renewal.desk.appointments import letter, may_register
from tests.services.renewal.offices import licensed
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.world import World
from tests.support.album import Album
from tests.support.browser import Visit, page_problems


@pytest.mark.parametrize("scripts", [True, False])
async def test_named_with_evidence_and_withdrawn(
    renewal_world: World, office_ref: str, visit: Visit, album: Album, tmp_path: Path, scripts: bool
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    member = world.people.member(office_ref)
    page = await visit(world.people.headers(Role.DESK), scripts=scripts)
    await page.goto(f"/renewal/o/{office_ref}")
    await page.get_by_role("link", name="Chỉ định người gia hạn khác").click()
    await page.get_by_label("Mã người dùng trên nền tảng").fill("member-1")
    await page.get_by_label("Họ và tên").fill("Lê Thị Lan")
    await page.get_by_role("textbox", name="Chức vụ", exact=True).fill("Kế toán")
    await page.get_by_label("Lý do", exact=True).fill("Người cũ đã nghỉ")
    await page.get_by_role("button", name="Chỉ định").last.click()
    await expect(page.get_by_role("alert")).to_contain_text("Thư điện tử: Địa chỉ thư điện tử chưa đúng")
    await expect(page.get_by_label("Họ và tên")).to_have_value("Lê Thị Lan")
    if scripts:
        await page.set_viewport_size({"width": 320, "height": 900})
        assert await page_problems(page) == []
    await page.get_by_label("Thư điện tử").fill("lan@truong.example")
    file = tmp_path / "letter.jpg"
    file.write_bytes(letter())
    await page.get_by_label("Văn bản chứng minh").set_input_files(file)
    await page.get_by_role("button", name="Chỉ định").last.click()
    await expect(page.locator("p[role=status]")).to_contain_text("Đã chỉ định")
    await expect(page.get_by_text("Lê Thị Lan, Kế toán")).to_be_visible()
    assert await may_register(world, office_ref, member) == 201
    if scripts:
        await is_fine(page, f"/renewal/desk/offices/{office_ref}/renewer")
        await page.goto(f"/renewal/desk/offices/{office_ref}/renewer?lang=vi")
        await album.take(page, "desk-renewer")
        await page.set_viewport_size({"width": 1280, "height": 900})
    evidence = await page.request.get(f"/renewal/desk/offices/{office_ref}/renewer/evidence")
    assert (await evidence.body()).startswith(b"%PDF")
    await page.locator("summary").click()
    await page.get_by_role("button", name="Thu hồi chỉ định").click()
    await expect(page.get_by_role("alert")).to_contain_text("Chưa khai báo")
    await page.get_by_label("Lý do thu hồi").fill("Đã quay lại")
    await page.get_by_role("button", name="Thu hồi chỉ định").click()
    await expect(page.locator("p[role=status]")).to_have_text("Đã thu hồi chỉ định.")
    await expect(page.get_by_text("Chưa chỉ định ai cho đơn vị này.")).to_be_visible()
