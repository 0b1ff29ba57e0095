"""In a real browser: accessibility by axe, pages that are too wide, keyboard traps, lost input."""

from datetime import timedelta
from typing import Literal

import pytest
from playwright.async_api import Page, Route, expect

from shared.events.base import Stage
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.pages.licensed import licensed, today
from tests.services.renewal.pages.steps import path, registered, renewer, unfold
from tests.services.renewal.world import World
from tests.support.browser import WIDTHS, Visit, page_problems

pytestmark = pytest.mark.usefixtures("rendered_once")

STAGES = [
    (Stage.ACTIVE, 200),
    (Stage.EXPIRING, 30),
    (Stage.EXPIRING, 0),
    (Stage.EXPIRING, -1),
    (Stage.LOCKED, -3),
    (Stage.FINAL_NOTICE, -40),
    (Stage.TERMINATED, -70),
]


@pytest.mark.parametrize(("stage", "days_left"), STAGES)
async def test_notice_and_lock_screens_have_no_barrier(
    renewal_world: World, office_ref: str, visit: Visit, stage: Stage, days_left: int
) -> None:
    await licensed(renewal_world, office_ref, stage, days_left)
    await is_fine(await visit(renewal_world.people.renewer(office_ref)), path(office_ref, "notice"))


async def test_what_a_member_sees_has_no_barrier(renewal_world: World, office_ref: str, visit: Visit) -> None:
    await licensed(renewal_world, office_ref, Stage.LOCKED, -3)
    page = await visit(renewal_world.people.member(office_ref))
    await is_fine(
        page, path(office_ref, "notice"), f"/renewal/o/{office_ref}/qlts", path(office_ref, "declare")
    )


async def test_pages_before_a_registration_have_no_barrier(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref, Stage.TERMINATED, -70)
    page = await visit(renewal_world.people.renewer(office_ref))
    office = f"/renewal/o/{office_ref}"
    steps = [
        path(office_ref, step) for step in ("declare", "declare?check=yes", "declare?saved=yes", "recovery")
    ]
    await is_fine(page, office, f"{office}/qlts", f"{office}/history", *steps, "/renewal/nowhere")


async def test_pages_of_a_registration_have_no_barrier(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    for send_by in ("electronic", "paper"):
        done = await registered(renewal_world, reader, office_ref, send_by)
        form = done.form("/sending")
        made = form.action.removesuffix("/sending")
        page = await visit(renewal_world.people.renewer(office_ref))
        await is_fine(page, f"{made}?done=yes", made, f"{made}/cancel")
        if send_by == "electronic":  # these are the same for both
            await is_fine(page, *(path(office_ref, step) for step in ("review", "send", "declare")))
            await is_fine(page, f"/renewal/o/{office_ref}/history")
        await reader.send((await reader.get(f"{made}/cancel")).form("/cancel"), reason="Khai lại")


async def test_the_vendors_pages_have_no_barrier(renewal_world: World, visit: Visit) -> None:
    page = await visit(renewal_world.people.clerk())
    await is_fine(page, "/renewal", "/renewal?office=nobody")


async def test_at_200_percent_nothing_is_cut_off(renewal_world: World, office_ref: str, visit: Visit) -> None:
    """Zoom 200 % on a 1280 px screen leaves 640 px for the page."""
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref), width=640)
    for step in ("notice", "declare"):
        await page.goto(path(office_ref, step))
        assert await page_problems(page) == []


async def test_an_accountant_ends_it_in_twelve_interactions(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    """Counts the actions with a mouse: each click, and each field that must be filled in."""
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "notice"))
    done = 0

    async def click(name: str, role: str = "button") -> None:
        nonlocal done
        await page.get_by_role(role, name=name).click()  # type: ignore[arg-type]
        done += 1

    await click("Đăng ký gia hạn", "link")
    await click("Sẽ thanh toán", "radio")
    on = today(renewal_world) + timedelta(days=30)
    await page.get_by_label("Ngày thanh toán").fill(f"{on:%d/%m/%Y}")
    done += 1
    await click("Đơn vị cam kết thanh toán", "checkbox")
    await click("Kiểm tra lại")
    await click("Chọn cách gửi", "link")
    await click("Ký số và gửi ngay", "radio")
    await click("Xác nhận đăng ký")
    await expect(page.get_by_role("heading", name="còn một bước: ký số")).to_be_visible()
    assert done <= 12


async def test_by_keyboard_alone_from_the_notice_to_the_registration(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "notice"))
    await to(page, "Đăng ký gia hạn")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/declare")
    await to(page, "payment.kind")
    await page.keyboard.press("Space")
    await to(page, "payment.on")
    on = today(renewal_world) + timedelta(days=30)
    await page.keyboard.press("Control+A")
    await page.keyboard.type(f"{on:%d/%m/%Y}")
    await to(page, "payment.committed")
    await page.keyboard.press("Space")
    await to(page, "Kiểm tra lại")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/review")
    await to(page, "Chọn cách gửi")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/send?*")
    await to(page, "send_by")
    await page.keyboard.press("Space")
    await to(page, "Xác nhận đăng ký")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="còn một bước: ký số")).to_be_visible()


async def to(page: Page, what: str) -> None:
    """Presses Tab until the element with that text or input name has the focus, and checks that the focus is
    visible."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        has, outline = await page.evaluate(
            "() => { const at = document.activeElement;"
            " return [at.tagName === 'INPUT' ? at.name : at.innerText, getComputedStyle(at).outlineStyle] }"
        )
        if has.strip().startswith(what):
            assert outline != "none", f"the focus on {what} can't be seen"
            return
    raise AssertionError(f"no key leads to {what}")


async def test_focus_goes_to_the_list_of_mistakes_and_its_links_to_the_fields(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "declare"))
    await unfold(page, "1. Thông tin đơn vị")
    await page.get_by_label("Điện thoại").fill("12")
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    assert await page_problems(page) == []
    await page.get_by_role("link", name="Điện thoại: ").click()
    field = page.get_by_label("Điện thoại")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("12")
    await expect(field).to_have_attribute("aria-invalid", "true")


async def test_scripts_save_while_one_types_and_show_the_price(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "declare"))
    await unfold(page, "3. Thông tin đơn hàng")
    await page.get_by_label("Tổng số người dùng").fill("12")
    await page.get_by_label("Thời gian gia hạn").select_option("2")
    await expect(page.locator("#quote")).to_contain_text("10.600.000")
    await expect(page.locator("#total")).to_contain_text("10.600.000")
    await expect(page.locator("#saved")).to_contain_text("Đã lưu bản nháp")
    await page.reload()
    await expect(page.get_by_label("Tổng số người dùng")).to_have_value("12")


async def test_a_save_under_way_does_not_make_ones_own_button_a_conflict(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "declare"))
    await unfold(page, "1. Thông tin đơn vị")
    for title in ("Một", "Hai", "Ba"):
        await page.get_by_role("textbox", name="Chức vụ", exact=True).fill(title)
        await page.get_by_label("Điện thoại").focus()
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await expect(page.get_by_role("status").first).to_contain_text("Đã lưu bản nháp")
    await expect(page.get_by_role("textbox", name="Chức vụ", exact=True)).to_have_value("Ba")


async def test_buyers_fields_are_put_away_while_the_buyer_is_the_office(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "declare"))
    await unfold(page, "2. Thông tin xuất hóa đơn")
    await expect(page.get_by_label("Tên người mua")).to_be_hidden()
    await page.get_by_label("Xuất hóa đơn theo thông tin đơn vị").uncheck()
    await expect(page.get_by_label("Tên người mua")).to_be_visible()
    assert await page_problems(page) == []


async def test_the_corner_button_leads_from_a_product_to_the_notice(
    renewal_world: World, office_ref: str, visit: Visit, address: str
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    html = (
        f'<!doctype html><html lang="vi"><title>Sản phẩm</title><main><h1>QLTS</h1></main>'
        f'<script src="{address}/renewal/giahan-renew.js"></script><nav aria-label="Gia hạn">'
        f'<giahan-renew office="{office_ref}" product="qlts" days-left="12"></giahan-renew></nav></html>'
    )
    await page.route("**/product", lambda route: route.fulfill(body=html, content_type="text/html"))
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto("/product")
        assert await page_problems(page) == []
    link = page.get_by_role("link", name="Gia hạn · còn 12 ngày")
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Sắp hết hạn")).to_be_visible()


async def test_a_save_that_stalls_does_not_hold_the_button(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    """The clock of the page is moved, so that nobody waits."""
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))

    async def stall(route: Route) -> None:
        if "do=keep" not in (route.request.post_data or ""):
            await route.continue_()

    await page.clock.install()
    await page.route("**/declare*", stall)
    await page.goto(path(office_ref, "declare") + "?lang=vi")
    async with page.expect_request(lambda request: request.method == "POST"):
        await page.get_by_label("Đơn vị cam kết thanh toán").check()
        await page.clock.run_for(500)
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await expect(page.locator("#saved")).to_have_text("Đang lưu…")
    await page.clock.run_for(8000)
    await page.wait_for_url("**/review")


async def test_only_the_total_is_read_out_and_only_when_it_changes(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "declare") + "?lang=vi")
    assert await page.locator("[aria-live]").evaluate_all("parts => parts.map(part => part.id)") == ["total"]
    await page.locator("#quote table").evaluate("table => { table.dataset.same = 'yes'; }")
    await page.get_by_label("Đơn vị cam kết thanh toán").check()
    await expect(page.locator("#saved")).to_contain_text("Đã lưu")
    await expect(page.locator("#quote table[data-same]")).to_have_count(1)
    await unfold(page, "3. Thông tin đơn hàng")
    await page.get_by_label("Thời gian gia hạn").select_option("2")
    await expect(page.locator("#quote table[data-same]")).to_have_count(0)
    await expect(page.locator("#total")).to_contain_text("9.600.000")


async def test_printed_is_the_matter_without_what_only_a_screen_needs(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    """Guards against: a CSS rule was pasted into another rule's selectors, so that nothing was hidden in
    print."""
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    made = (await registered(renewal_world, reader, office_ref)).form("/sending").action
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.goto(made.removesuffix("/sending"))
    for hidden in (".top-office a", ".foot", ".actions", ".preview-part"):
        await expect(page.locator(hidden).first).to_be_visible()
    await page.emulate_media(media="print")
    for hidden in (".top-office a", ".foot", ".actions", ".preview-part"):
        await expect(page.locator(hidden).first).to_be_hidden()
    await expect(page.locator(".top-office strong")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".facts").first).to_be_visible()
    await expect(page.locator(".line")).to_contain_text("Ký số phiếu")
    await page.goto(f"/renewal/o/{office_ref}/history")
    await expect(page.get_by_role("link", name="Ký số phiếu")).to_be_visible()


async def test_file_is_chosen_with_our_own_button_in_the_pages_language(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    """Guards against: the browser's own file button, in the browser's language."""
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    made = (await registered(renewal_world, reader, office_ref, "paper")).form("/sending").action
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(f"{made.removesuffix('/sending')}/show?lang=vi")
    await expect(page.locator(".file label")).to_have_text("Chọn tệp")
    await expect(page.locator(".file output")).to_have_text("Chưa chọn tệp nào")
    await page.set_input_files("#file", {"name": "phiếu.png", "mimeType": "image/png", "buffer": b"x"})
    await expect(page.locator(".file output")).to_have_text("phiếu.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_and_in_the_dark_nothing_is_unreadable(
    renewal_world: World, office_ref: str, visit: Visit, scheme: Literal["light", "dark"]
) -> None:
    """axe measures the contrast of every text in the colours that are shown."""
    await licensed(renewal_world, office_ref, Stage.LOCKED, -3)
    reader = await renewer(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref), width=360)
    await page.emulate_media(color_scheme=scheme)
    before = [path(office_ref, step) for step in ("notice", "declare", "declare?check=yes")]
    addresses = [*before, f"/renewal/o/{office_ref}", "/renewal/guide"]
    await _are_readable(page, addresses)
    made = (await registered(renewal_world, reader, office_ref)).form("/sending").action
    after = [
        made.removesuffix("/sending"),
        *(path(office_ref, step) for step in ("notice", "review", "send")),
    ]
    await _are_readable(page, [*after, f"/renewal/o/{office_ref}/history"])


async def _are_readable(page: Page, addresses: list[str]) -> None:
    for address in addresses:
        await page.goto(address)
        assert await page_problems(page) == [], address


async def test_a_commitment_that_is_not_ticked_is_told_at_the_button(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "declare"))
    hint = page.get_by_role("link", name="Chưa đánh dấu cam kết thanh toán")
    await expect(hint).to_be_in_viewport()
    await hint.click()
    await expect(page.get_by_label("Đơn vị cam kết thanh toán")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(hint).to_be_hidden()
    await page.get_by_label("Đã thanh toán").check()
    await page.get_by_label("Sẽ thanh toán").check()
    await expect(hint).to_be_hidden()
    await page.get_by_label("Đơn vị cam kết thanh toán").uncheck()
    await expect(hint).to_be_visible()
    await page.get_by_label("Đã thanh toán").check()
    await expect(hint).to_be_hidden()


async def test_only_what_is_wrong_is_opened(renewal_world: World, office_ref: str, visit: Visit) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path(office_ref, "declare"))
    office, users = page.get_by_label("Tên đơn vị"), page.get_by_label("Tổng số người dùng")
    await expect(page.get_by_text("Đúng như giấy phép")).to_be_visible()
    await expect(office).to_be_hidden()
    await unfold(page, "3. Thông tin đơn hàng")
    await users.fill("0")
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(users).to_be_visible()
    await expect(office).to_be_hidden()
    await page.goto(f"{path(office_ref, 'declare')}#section-office")
    await expect(office).to_be_visible()


async def test_without_scripts_a_folded_section_opens_and_is_sent(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    await licensed(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref), scripts=False)
    await page.goto(path(office_ref, "declare"))
    hint = page.get_by_role("link", name="Chưa đánh dấu cam kết thanh toán")
    await expect(hint).to_be_visible()
    await page.get_by_label("Đã thanh toán").check()
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await expect(page.get_by_role("status").first).to_contain_text("Đã lưu bản nháp")
    await expect(hint).to_have_count(0)
    await page.get_by_label("Sẽ thanh toán").check()
    await unfold(page, "1. Thông tin đơn vị")
    await page.get_by_label("Điện thoại").fill("0987654321")
    await page.get_by_label("Đơn vị cam kết thanh toán").check()
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await page.wait_for_url("**/review")
    await expect(page.get_by_text("0987654321")).to_be_visible()
