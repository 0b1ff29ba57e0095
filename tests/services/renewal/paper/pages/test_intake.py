"""A clerk enters the day's post in a real browser: by keyboard, from the envelope to the received form, with
the pages that the feeder could not read."""

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Page, expect

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.domain.registration.form_code import FormCode
from shared.events.paper_form import PaperFormReceived
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.paper.batches import enter, fed, opened, tallied
from tests.services.renewal.waiting_registrations import register_and_print
from tests.services.renewal.world import World
from tests.support.album import Album
from tests.support.browser import Visit


def digits(made: dict[str, Any]) -> str:
    return FormCode(number=made["number"], revision=1).digits


def blank(*, ticked: bool = False) -> bytes:
    """The back of a sheet; `ticked`: with a pencil mark."""
    page, out = Image.new("RGB", (1654, 2339), "white"), BytesIO()
    if ticked:
        ImageDraw.Draw(page).line((820, 1200, 850, 1240, 920, 1120), fill=(120, 130, 170), width=5)
    page.save(out, "JPEG", dpi=(200, 200))
    return out.getvalue()


async def beep(page: Page, code: str) -> None:
    """The hand scanner types and presses Enter; it doesn't choose a field."""
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def test_by_keyboard_from_the_envelope_to_received(
    renewal_world: World, office_ref: str, visit: Visit, album: Album
) -> None:
    world = renewal_world
    made, form = await register_and_print(world, office_ref)
    other, other_form = await register_and_print(world, f"{office_ref}-b")
    page = await visit(world.people.clerk())
    await page.goto("/renewal/desk/intake")
    await expect(page.get_by_role("button", name="Mở lô")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Mã trên phiếu")).to_be_focused()
    for code in (digits(made), digits(other), digits(made), "1234567890123456"):
        await beep(page, code)
    said = page.locator("#said")
    await expect(said).to_contain_text("Mã này chưa đúng")
    await expect(page.get_by_label("Mã trên phiếu")).to_be_focused()
    await beep(page, digits(made))
    await expect(said).to_contain_text(f"Phiếu {made['number']} đã có trong lô")
    batch = page.url.rpartition("/")[2].partition("?")[0]
    await tallied(world, batch, entered=2, waiting=2)

    pile = feeder_pdf(
        [*scan_pages(form, seed=31, turn=180), *scan_pages(other_form, seed=32, turn=90, noise=6.0)]
    )
    await fed(world, batch, pile)
    await tallied(world, batch, reading=0, matched=4, waiting=0)
    await page.reload()
    await expect(page.locator("#state")).to_contain_text("Sẽ nhận")
    await album.take(page, "intake-batch")
    await page.goto(f"/renewal/desk/intake/{batch}/close")
    await expect(page.get_by_text("Nhận 2 phiếu.")).to_be_visible()
    await expect(page.get_by_role("button", name="Đóng lô")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Đã đóng lô.")).to_be_visible()
    for each in (made, other):
        await world.hears(PaperFormReceived, UUID(each["id"]))
    await expect(page.locator("#state")).to_contain_text("2 đã nhận", timeout=30_000)
    await is_fine(page, f"/renewal/desk/intake/{batch}", "/renewal/desk/intake")


async def test_form_undone_by_the_last_key_is_not_received(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    world = renewal_world
    made, _ = await register_and_print(world, office_ref)
    page = await visit(world.people.clerk(), scripts=False)
    await page.goto(f"/renewal/desk/intake/{await opened(world)}")
    await page.get_by_label("Phong bì số").fill("12")
    await page.get_by_label("Mã trên phiếu").fill(digits(made))
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_contain_text(f"Đã ghi phiếu {made['number']}")
    await expect(page.get_by_label("Phong bì số")).to_have_value("12")
    await page.get_by_role("button", name="Hoàn tác phiếu vừa ghi").click()
    await expect(page.locator("#said")).to_contain_text(f"Đã hoàn tác phiếu {made['number']}")
    await expect(page.locator("#state")).to_contain_text("0 phiếu")


async def test_form_of_a_cancelled_registration_is_reported_at_entry(
    renewal_world: World, office_ref: str, visit: Visit, album: Album
) -> None:
    world = renewal_world
    made, _ = await register_and_print(world, office_ref)
    cancel = f"/v1/registrations/{made['id']}/cancellation"
    await world.client.post(cancel, json={"reason": "khai lại"}, headers=world.people.renewer(office_ref))
    batch = await opened(world)
    page = await visit(world.people.clerk())
    await page.goto(f"/renewal/desk/intake/{batch}")
    await expect(page.get_by_label("Mã trên phiếu")).to_be_focused()
    await beep(page, digits(made))
    await expect(page.locator("#said")).to_contain_text("Sẽ không nhận, gửi trả")
    await expect(page.locator("#said")).to_contain_text("Đã hủy")
    await album.take(page, "intake-send-back")
    await is_fine(page, f"/renewal/desk/intake/{batch}/close")


@pytest.mark.parametrize("scripts", [True, False])
async def test_pages_without_a_code_are_classified_by_a_person(
    renewal_world: World, office_ref: str, visit: Visit, album: Album, *, scripts: bool
) -> None:
    """Twelve sheets: three forms, turned, noisy and of low resolution, pages without their code, and blank
    backs."""
    world = renewal_world
    forms = [await register_and_print(world, f"{office_ref}-{n}") for n in range(3)]
    (_, first), (two, second), (three, third) = forms
    torn = scan_pages(third, seed=43)[1]
    pile = [
        *scan_pages(first, seed=41, turn=180, noise=6.0),
        blank(ticked=True),
        *scan_pages(second, seed=42, turn=270, skew=1.5),
        blank(),
        scan_pages(third, seed=43, shadow=0.3)[0],
        _without_code(torn),
        blank(),
        _without_code(torn),
        blank(),
        _without_code(torn),
    ]
    batch = await opened(world)
    page = await visit(world.people.clerk(), scripts=scripts)
    await page.goto(f"/renewal/desk/intake/{batch}")
    payload: FilePayload = {"name": "x.pdf", "mimeType": "application/pdf", "buffer": feeder_pdf(pile)}
    await page.get_by_label("Tệp PDF hoặc ảnh").set_input_files(payload)
    await page.get_by_role("button", name="Gửi tệp").click()
    await expect(page.get_by_text("Đã nhận tệp.")).to_be_visible()
    await tallied(world, batch, reading=0, matched=5, unread=4, blank=3, entered=3)
    await page.goto(f"/renewal/desk/intake/{batch}/unread")
    if scripts:
        await is_fine(page, f"/renewal/desk/intake/{batch}/unread")
        await page.goto(f"/renewal/desk/intake/{batch}/unread?lang=vi")
        await album.take(page, "intake-unread")
    answers = ("0", "+", three["number"], "Kim Đồng")
    for left, answer in zip(range(4, 0, -1), answers, strict=True):
        await expect(page.get_by_text(f"Còn {left} trang")).to_be_visible()
        await expect(page.get_by_label("Trang này là phiếu nào?")).to_be_focused()
        await beep(page, answer)
    await expect(page.get_by_role("group")).to_contain_text("Trang này thuộc đăng ký nào?")
    await expect(page.get_by_role("radio").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Mọi trang đều đã rõ là gì.")).to_be_visible()
    await tallied(world, batch, unread=0, blank=4, matched=8)
    entry = (await enter(world, batch, two["number"])).json()
    assert (entry["fresh"], entry["pages"]) == (False, 2)
    if scripts:
        await is_fine(page, f"/renewal/desk/intake/{batch}/entries/{entry['id']}")
    await page.goto(f"/renewal/desk/intake/{batch}/entries/{entry['id']}?lang=vi")
    await page.get_by_role("link", name="Là trang khác").last.click()
    await expect(page.get_by_label("Trang này là phiếu nào?")).to_be_focused()
    await beep(page, "-")
    await expect(page.get_by_text("Mọi trang đều đã rõ là gì.")).to_be_visible()
    await tallied(world, batch, set_aside=1, matched=7)
    await page.goto(f"/renewal/desk/intake/{batch}")
    await page.get_by_role("link", name="trang để sang một bên").click()
    await expect(page.get_by_role("link", name="Là trang khác")).to_have_count(1)
    if scripts:
        await is_fine(page, f"/renewal/desk/intake/{batch}/sheets?shows=blank")


def _without_code(page: bytes) -> bytes:
    """The sheet with its lower quarter, where the code is, torn off."""
    image, out = Image.open(BytesIO(page)), BytesIO()
    image.paste("white", (0, image.height * 3 // 4, image.width, image.height))
    image.save(out, "JPEG", dpi=(200, 200))
    return out.getvalue()
