"""Pictures of every page; `make pictures` keeps them under docs/pictures/pages."""

from shared.events.base import Stage
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.steps import path, registered, renewer
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
            await page.goto(page.url.replace("/cancel", "/transfer"))
            await album.take(page, "transfer")
            await reader.send((await reader.get(f"{made}/cancel")).form("/cancel"), reason="Khai lại")
    await reader.send((await reader.get(f"{made}/transfer")).form("/transfer"), memo="CK tiền phần mềm")
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
