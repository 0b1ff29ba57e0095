"""Pictures of every page; `make pictures` keeps them under docs/pictures/pages."""

from base64 import b64encode
from uuid import UUID

from playwright.async_api import FilePayload

from shared.events.base import Stage
from shared.events.invoice import InvoiceRequested
from shared.web.people import Role
from tests.services.renewal import offices
from tests.services.renewal.bank_statements import table, upload
from tests.services.renewal.joint.orders import jointly_registered
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.steps import path, registered, renewer, unfold
from tests.services.renewal.payment.slips import sample_slip
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.waiting_registrations import register_and_receive
from tests.services.renewal.world import World
from tests.support.album import Album
from tests.support.browser import Visit


async def test_notices_and_lock_screens(renewal_world: World, visit: Visit, album: Album) -> None:
    stages = [(Stage.EXPIRING, 12), (Stage.LOCKED, -3), (Stage.FINAL_NOTICE, -40), (Stage.TERMINATED, -70)]
    for stage, days_left in stages:
        ref = f"dv-{stage}"
        await licensed(renewal_world, ref, stage, days_left)
        page = await visit(renewal_world.people.renewer(ref))
        await page.goto(path(ref, "notice"))
        await album.take(page, f"notice-{stage}", "notice" if stage is Stage.LOCKED else "")
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
    await album.take(page, "declare", "declare")
    await unfold(page, "1. Thông tin đơn vị")
    await page.get_by_label("Điện thoại").fill("12")
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await page.wait_for_load_state()
    await album.take(page, "declare-mistakes")
    await page.get_by_label("Điện thoại").fill("0912345678")
    await page.get_by_label("Đơn vị cam kết thanh toán").check()
    await page.get_by_role("button", name="Kiểm tra lại").click()
    await page.wait_for_url("**/review")
    await album.take(page, "review", "review")
    await page.get_by_role("link", name="Chọn cách gửi").click()
    await album.take(page, "send", "send")


async def test_a_registration(renewal_world: World, visit: Visit, album: Album) -> None:
    office_ref = "dv-00002"
    await licensed(renewal_world, office_ref, days_left=12)
    reader = await renewer(renewal_world, office_ref)
    page = await visit(renewal_world.people.renewer(office_ref))
    for send_by in ("electronic", "paper"):
        done = await registered(renewal_world, reader, office_ref, send_by)
        made = done.form("/sending").action.removesuffix("/sending")
        await page.goto(f"{made}?done=yes")
        await album.take(page, f"registration-{send_by}", "registration" if send_by == "paper" else "")
        if send_by == "electronic":
            await page.goto(f"{made}/cancel")
            await album.take(page, "cancel")
            await page.goto(page.url.replace("/cancel", "/transfer"))
            await album.take(page, "transfer", "payment")
            await reader.send((await reader.get(f"{made}/cancel")).form("/cancel"), reason="Khai lại")
    await page.goto(f"{made}/transfer")
    await page.fill("#memo", "CK tiền phần mềm")
    slip = FilePayload(name="unc.png", mimeType="image/png", buffer=sample_slip())
    await page.set_input_files("#file", slip)
    await page.get_by_role("button", name="Báo đã thanh toán").click()
    await page.wait_for_url("**said=claimed*")
    desk = await visit(renewal_world.people.clerk())
    await desk.goto("/renewal/desk/payments")
    await album.take(desk, "desk-payments")
    await desk.goto(made.replace("/renewal/", "/renewal/desk/") + "/payment")
    await desk.fill("#amount", "1.000.000")
    await desk.fill("#reference", "FT26334.1")
    await desk.press("#reference", "Enter")
    await album.take(desk, "desk-payment")
    await page.goto(f"{made}/transfer")
    await album.take(page, "transfer-part-paid")
    await page.goto(f"/renewal/o/{office_ref}/history")
    await album.take(page, "history", "history")


async def test_commitments_and_statements(renewal_world: World, visit: Visit, album: Album) -> None:
    world, office_ref = renewal_world, "dv-00005"
    made = await register_and_receive(world, office_ref)
    other = await offices.registered(world, f"{office_ref}-2")
    desk, clerk = await visit(world.people.clerk()), world.people.headers(Role.DESK)
    await desk.goto(f"/renewal/desk/registrations/{made['id']}/payment")
    await desk.get_by_text("Chấp nhận cam kết").first.click()
    await album.take(desk, "desk-commitment")
    code, second = (each["number"].replace("-", "") for each in (made, other))
    rows = [
        ("FT1", 1_000_000, f"MBVCB.1.{code} truong chuyen"),
        ("FT2", 9_000, f"{code} va {second}"),
        ("FT3", 5_000_000, "chuyen tien phan mem"),
    ]
    await upload(world, clerk, table(*rows))
    await upload(world, clerk, table(("FT9", 1, "x")).replace(b",1,", b",1.5,"))
    await desk.goto("/renewal/desk/statements")
    await album.take(desk, "desk-statements")
    await desk.goto("/renewal/desk/bank-lines")
    await album.take(desk, "desk-bank-lines")
    await desk.goto("/renewal/desk/statement-layouts?name=Test")
    await album.take(desk, "desk-statement-layouts")
    page = await visit(world.people.renewer(office_ref))
    await page.goto(f"/renewal/registrations/{made['id']}")
    await album.take(page, "registration-commitment")


async def test_an_invoice(renewal_world: World, visit: Visit, album: Album) -> None:
    office_ref = "dv-00004"
    made = await offices.registered(renewal_world, office_ref)
    await sign(renewal_world, made, office_ref)
    await issue(renewal_world, made, office_ref)
    await renewal_world.hears(InvoiceRequested, UUID(made["id"]))
    path, desk_path = (f"/renewal{desk}/registrations/{made['id']}/invoice" for desk in ("", "/desk"))
    page = await visit(renewal_world.people.renewer(office_ref))
    await page.goto(path)
    await page.get_by_text("Thay đổi thông tin xuất hóa đơn").click()
    await page.locator("#change-tax_code").fill("12")
    await page.get_by_role("button", name="Lưu thay đổi").click()
    await page.wait_for_load_state()
    await album.take(page, "invoice-mistakes")
    await page.goto(path)
    await album.take(page, "invoice-requested")
    desk = await visit(renewal_world.people.clerk())
    await desk.goto(desk_path)
    await album.take(desk, "desk-invoice")
    receipt: dict[str, object] = {"amount": 1000, "received_on": "2026-11-02", "reference": "FT1"}
    clerk = renewal_world.people.clerk() | {"idempotency-key": "one"}
    await renewal_world.client.post(f"/v1/registrations/{made['id']}/receipts", json=receipt, headers=clerk)
    await desk.goto("/renewal/desk/invoices")
    await album.take(desk, "desk-invoices")
    day = offices.today(renewal_world)
    issued: dict[str, object] = {
        "symbol": f"1C{day:%y}TAA",
        "number": "1234",
        "dated": f"{day}",
        "lookup_code": "K3M9-77QX",
    }
    issued |= {"lookup_url": "https://tracuu.example/", "total": 1000, "renewal_id": made["id"]}
    files = [b64encode(data).decode() for data in (b"%PDF-1.7", b"<HDon/>")]
    again = renewal_world.people.clerk() | {"idempotency-key": "two"}
    answer = await renewal_world.client.post("/v1/invoices", json=issued | {"files": files}, headers=again)
    assert answer.is_success, answer.text
    await page.goto(path)
    await album.take(page, "invoice-issued", "invoice")
    await desk.goto(desk_path)
    await desk.get_by_text("Ghi nhận hóa đơn điều chỉnh").click()
    await album.take(desk, "desk-invoice-issued")


async def test_several_products_on_one_form(renewal_world: World, visit: Visit, album: Album) -> None:
    world, office_ref = renewal_world, "dv-00006"
    codes = ("qlts", "ktns")
    for code in codes:
        await offices.licensed(world, office_ref, code)
    page = await visit(world.people.renewer(office_ref))
    await page.goto(f"/renewal/o/{office_ref}")
    await album.take(page, "joint-products", "joint")
    await page.get_by_role("button", name="Gia hạn các sản phẩm đã chọn").click()
    await page.wait_for_url("**/joint/**")
    await album.take(page, "joint-declare")
    await page.get_by_label("Tên đơn vị").first.fill("Ủy ban nhân dân xã Khác")
    await page.get_by_label("Đơn vị cam kết thanh toán").check()
    await page.get_by_role("button", name="Kiểm tra lại").last.click()
    await page.wait_for_url("**/review**")
    await page.get_by_role("button", name="Xác nhận đăng ký").click()
    await page.wait_for_load_state()
    await album.take(page, "joint-review-mistakes")
    made = await jointly_registered(world, office_ref, *codes, send_by="paper")
    lead = made["registration"]["id"]
    desk = await visit(world.people.clerk())
    receipt: dict[str, object] = {"amount": 1000000, "received_on": "2026-11-02", "reference": "FT1"}
    clerk = world.people.clerk() | {"idempotency-key": "joint"}
    await world.client.post(f"/v1/registrations/{lead}/receipts", json=receipt, headers=clerk)
    await desk.goto(f"/renewal/desk/registrations/{lead}/payment")
    await desk.get_by_label("Phần mềm Kế toán").fill("400.000")
    await desk.get_by_role("button", name="Ghi phân bổ").click()
    await desk.wait_for_url("**said=allocated**")
    await desk.get_by_label("Phần mềm Kế toán").fill("nhiều")
    await desk.get_by_role("button", name="Ghi phân bổ").click()
    await desk.wait_for_load_state()
    await album.take(desk, "desk-joint-allocation")


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
