"""The desk in a real browser: from the queue to the contract by keyboard, bulk decisions, and two clerks."""

import re
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.desk.pages import bulk
from shared.events.paper_form import PaperFormAccepted, PaperFormReturned
from shared.events.renewal import RenewalRefused
from shared.web.people import Role
from tests.services.renewal.messages import form_signed
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.waiting_registrations import (
    register_and_print,
    register_and_receive,
    register_on_paper,
)
from tests.services.renewal.world import World
from tests.support.album import Album
from tests.support.browser import Visit

pytestmark = pytest.mark.usefixtures("rendered_once")


def case(made: dict[str, str]) -> str:
    return f"/renewal/desk/registrations/{made['id']}"


async def clerk(world: World, visit: Visit, number: int = 1, **more: bool) -> Page:
    return await visit(world.people.headers(Role.DESK, number=number), **more)


@pytest.mark.parametrize("scripts", [True, False])
async def test_form_is_accepted_by_keyboard_alone(
    renewal_world: World, office_ref: str, visit: Visit, scripts: bool
) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref, name=f"Trường Nguyễn Du {office_ref}")
    page = await clerk(world, visit, scripts=scripts)
    await page.goto("/renewal/desk/find")
    await page.get_by_label("Tìm đăng ký").focus()
    await page.keyboard.type(f"nguyen du {office_ref.lower()}")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=made["number"])).to_be_visible()
    await expect(page.get_by_role("button", name="Chấp nhận phiếu giấy")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Đã chấp nhận bản giấy.")).to_be_visible()
    await expect(page.get_by_role("button", name="Nhận việc chờ lâu nhất")).to_be_focused()
    await world.hears(PaperFormAccepted, UUID(made["id"]))
    await expect(page.get_by_text("Hợp đồng").first).to_be_visible()


async def test_sent_back_with_a_reason_and_typed_text_stays(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    page = await clerk(world, visit)
    await page.goto(case(made))
    await expect(page.get_by_text(re.compile("[0-9a-f]{64}"))).to_have_count(0)
    await page.get_by_text("Gửi trả phiếu giấy").first.click()
    await page.get_by_label("Nói thêm với đơn vị").fill("thiếu dấu tròn")
    await page.get_by_role("button", name="Gửi trả phiếu giấy").click()
    await expect(page.get_by_role("alert")).to_have_text("Vui lòng chọn lý do gửi trả")
    await expect(page.get_by_label("Nói thêm với đơn vị")).to_have_value("thiếu dấu tròn")
    await page.get_by_label("Vì sao gửi trả").select_option("unstamped")
    await page.get_by_role("button", name="Gửi trả phiếu giấy").click()
    await expect(page.get_by_text("Đã gửi trả phiếu; đơn vị được báo.")).to_be_visible()
    history = page.get_by_role("region", name="Ai đã làm gì")
    await expect(history).to_contain_text("Phiếu thiếu chữ ký hoặc con dấu. thiếu dấu tròn")
    await expect(history).not_to_contain_text("unstamped")
    assert (await world.hears(PaperFormReturned, UUID(made["id"]))).note == "thiếu dấu tròn"


async def test_signed_form_leads_to_its_report(renewal_world: World, office_ref: str, visit: Visit) -> None:
    world = renewal_world
    made = await register_on_paper(world, office_ref)
    id = UUID(made["id"])
    event = form_signed(renewal_id=id, office_ref=office_ref, signed=await world.signed_form())
    await world.tell(world.signing, event)
    await world.becomes(id, status="accepted")
    page = await clerk(world, visit)
    await page.goto(case(made))
    report = page.get_by_role("link", name="Báo cáo kiểm tra chữ ký số")
    await expect(report).to_have_attribute("href", f"/signing/forms/{id}/report")
    history = page.get_by_role("region", name="Ai đã làm gì")
    await expect(history).to_contain_text("Đơn vị ký số phiếu")
    await expect(history).not_to_contain_text("vn.giahan")


async def test_two_clerks_on_one_registration_never_overwrite_each_other(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    first, second = [await clerk(world, visit, number) for number in (1, 2)]
    for page in (first, second):
        await page.goto(case(made))
    await first.get_by_role("button", name="Nhận việc này").click()
    await expect(first.get_by_text("Bạn đang làm")).to_be_visible()
    await first.get_by_role("button", name="Chấp nhận phiếu giấy").click()
    await expect(first.get_by_text("Đã chấp nhận bản giấy.")).to_be_visible()

    await second.get_by_text("Không chấp nhận đăng ký").first.click()
    await second.get_by_label("Lý do").last.fill("trùng")
    await second.get_by_role("button", name="Không chấp nhận đăng ký").click()
    await expect(second.get_by_role("alert")).to_contain_text("Đăng ký này vừa thay đổi")
    await world.hears(PaperFormAccepted, UUID(made["id"]))
    assert not [
        event
        for event in world.heard
        if isinstance(event, RenewalRefused) and str(event.renewal_id) == made["id"]
    ]


async def test_what_another_is_at_is_seen_and_taken_over_on_purpose(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    first, second = [await clerk(world, visit, number) for number in (1, 2)]
    await first.goto(case(made))
    await first.get_by_role("button", name="Nhận việc này").click()
    await second.goto(case(made))
    await expect(second.get_by_text("desk-1 đang xử lý đăng ký này")).to_be_visible()
    await second.get_by_role("button", name="Nhận thay").click()
    await expect(second.get_by_text("Bạn đang làm")).to_be_visible()
    await second.get_by_role("button", name="Trả lại").click()
    await expect(second.get_by_role("heading", name="Hàng việc")).to_be_visible()


async def test_more_than_fit_into_one_go_are_decided_part_by_part(
    renewal_world: World, office_ref: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against: a bulk decision took only fifty registrations, and left out the fifty-first without a
    message."""
    monkeypatch.setattr(bulk, "MOST", 2)
    world = renewal_world
    made = [await register_and_receive(world, f"{office_ref}-{n}", "manual") for n in range(3)]
    page = await clerk(world, visit)
    await page.goto("/renewal/desk?product=manual&status=paper_received")
    for each in made:
        await page.get_by_label(f"Chọn đăng ký {each['number']}").check()
    await page.get_by_label("Với các đăng ký đã chọn").select_option("refuse")
    await page.get_by_role("button", name="Xem trước").click()
    await page.get_by_label("Lý do").fill("Đơn vị đã sáp nhập")
    await page.get_by_role("button", name="Thực hiện với 3 đăng ký").click()
    await expect(page.get_by_text("2 đăng ký đã xong")).to_be_visible()
    await page.get_by_role("button", name="Làm tiếp với 1 đăng ký còn lại").click()
    await expect(page.get_by_text("1 đăng ký đã xong")).to_be_visible()
    for each in made:
        assert (await world.hears(RenewalRefused, UUID(each["id"]))).reason == "Đơn vị đã sáp nhập"


async def test_many_are_ticked_looked_at_and_decided(
    renewal_world: World, office_ref: str, visit: Visit, album: Album
) -> None:
    world = renewal_world
    made = [await register_and_receive(world, f"{office_ref}-{n}", "manual") for n in range(3)]
    page = await clerk(world, visit)
    await page.goto("/renewal/desk?product=manual&status=paper_received")
    await album.take(page, "desk-queue")
    await page.set_viewport_size({"width": 1280, "height": 900})
    for each in made[:2]:
        await page.get_by_label(f"Chọn đăng ký {each['number']}").check()
    await page.get_by_label("Với các đăng ký đã chọn").select_option("refuse")
    await page.get_by_role("button", name="Xem trước").click()
    await expect(page.get_by_text("2 đăng ký sẽ thành")).to_be_visible()
    await page.get_by_role("button", name="Thực hiện với 2 đăng ký").click()
    await expect(page.get_by_role("alert")).to_have_text("Vui lòng ghi lý do")
    await album.take(page, "desk-bulk")
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.get_by_label("Lý do").fill("Đơn vị đã sáp nhập")
    await page.get_by_role("button", name="Thực hiện với 2 đăng ký").click()
    await expect(page.get_by_text("2 đăng ký đã xong")).to_be_visible()
    for each in made[:2]:
        assert (await world.hears(RenewalRefused, UUID(each["id"]))).reason == "Đơn vị đã sáp nhập"
    await page.goto("/renewal/desk?product=manual&status=paper_received&pick=true")
    await expect(page.get_by_label(f"Chọn đăng ký {made[2]['number']}")).to_be_checked()
    await page.get_by_label("Với các đăng ký đã chọn").select_option("accept")
    await page.get_by_role("button", name="Xem trước").click()
    await expect(page.get_by_text("đăng ký không làm được").first).to_be_visible()
    await expect(page.get_by_text("Đăng ký này không chờ xác nhận").first).to_be_visible()


async def test_pages_of_the_desk_have_no_barrier(
    renewal_world: World, office_ref: str, visit: Visit, album: Album
) -> None:
    world = renewal_world
    _, form = await register_and_print(world, f"{office_ref}-b")
    pdf = feeder_pdf(scan_pages(form, seed=3, sealed=True))
    scan = await world.documents.put(pdf, media_type="application/pdf", name="phieu.pdf")
    made = await register_and_receive(world, office_ref, scan=scan)
    page = await clerk(world, visit)
    await is_fine(page, "/renewal/desk", "/renewal/desk/find?q=kim+dong", case(made))
    await page.goto(f"{case(made)}?lang=vi")
    await album.take(page, "desk-case")


async def test_next_in_an_empty_queue_is_said(renewal_world: World, visit: Visit) -> None:
    page = await clerk(renewal_world, visit)
    await page.goto("/renewal/desk?status=accepted&product=none")
    await page.get_by_role("button", name="Nhận việc chờ lâu nhất").click()
    await expect(page.get_by_role("status")).to_contain_text("Không còn việc nào")
