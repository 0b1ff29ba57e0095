"""Who may do what on the pages: another office, a member who may not register, a foreign form, an ended
session."""

import httpx
import pytest

from shared.web.people import Role, token_id
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.reader import Reader, csrf, token
from tests.services.renewal.pages.steps import declared, path, registered, renewer
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.service_process import client_of

pytestmark = pytest.mark.usefixtures("rendered_once")

OFFICE_PAGES = (
    "",
    "/history",
    "/qlts",
    "/qlts/notice",
    "/qlts/declare",
    "/qlts/review",
    "/qlts/send",
    "/qlts/recovery",
)
WRITES = ("/qlts/declare", "/qlts/send", "/qlts/recovery")


async def everything(world: World, office_ref: str) -> tuple[list[str], list[str]]:
    """The addresses of an office with a registration: those to read, and those to write to."""
    await licensed(world, office_ref)
    reader = await renewer(world, office_ref)
    page = await registered(world, reader, office_ref)
    document = next(link for link in page.links.values() if "/documents/" in link)
    registration = page.form("/sending").action.removesuffix("/sending")
    reads = [f"/renewal/o/{office_ref}{step}" for step in OFFICE_PAGES]
    writes = [f"/renewal/o/{office_ref}{step}" for step in WRITES]
    return (
        [*reads, registration, f"{registration}/cancel", document],
        [*writes, f"{registration}/sending", f"{registration}/cancel"],
    )


@pytest.mark.parametrize("role", [Role.RENEWER, Role.MEMBER])
async def test_another_office_sees_nothing_and_changes_nothing(
    renewal_world: World, office_ref: str, role: Role
) -> None:
    world = renewal_world
    reads, writes = await everything(world, office_ref)
    other = f"{office_ref}-other"
    await licensed(world, other)
    stranger = await Reader.signed_in(world, world.people.headers(role, other))
    key = await csrf(stranger)
    for address in reads:
        await stranger.get(address, 404)
    for address in writes:
        await stranger.post(address, {"csrf": key, "reason": "x", "send_by": "paper"}, 404)
    owner = await renewer(world, office_ref)
    for address in reads:
        assert (await owner.client.get(address)).status_code in (200, 303), address


async def test_member_sees_the_page_and_whom_to_contact(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    reads, writes = await everything(world, office_ref)
    member = await Reader.signed_in(world, world.people.member(office_ref))
    key = await csrf(member)
    notice = await member.get(path(office_ref, "notice"))
    assert "Người liên hệ trên giấy phép: Trần Văn Dũng" in notice.text
    for step in ("declare", "review", "send", "recovery"):
        await member.get(path(office_ref, step), 403)
    for address in writes:
        await member.post(address, {"csrf": key, "reason": "x", "send_by": "paper"}, 403)
    shown = await member.get(next(address for address in reads if "/registrations/" in address))
    assert [form.action for form in shown.forms] == ["/renewal/sign-out"]


async def test_the_desk_registers_on_behalf_and_says_so(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    desk = await Reader.signed_in(world, world.people.clerk())
    home = await desk.get("/renewal")
    answer = await desk.client.get("/renewal", params={"office": office_ref})
    assert home.form("/renewal").names == {"office"}
    assert answer.headers["location"] == f"/renewal/o/{office_ref}"
    assert "thay cho đơn vị" in (await desk.get(f"/renewal/o/{office_ref}")).text
    await declared(world, desk, office_ref)


async def test_ops_see_and_do_not_register(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    ops = await Reader.signed_in(renewal_world, renewal_world.people.headers(Role.OPS))
    await ops.get(path(office_ref, "notice"))
    await ops.get(path(office_ref, "declare"), 403)


async def test_an_unknown_office_is_said_to_the_desk(renewal_world: World) -> None:
    desk = await Reader.signed_in(renewal_world, renewal_world.people.clerk())
    assert "Không có đơn vị nào mang mã nobody" in (await desk.get("/renewal?office=nobody")).text
    await desk.get("/renewal/o/nobody", 404)


@pytest.mark.parametrize(
    ("csrf_token", "headers"),
    [
        ("", {}),
        ("0" * 64, {}),
        ("own", {"origin": "https://evil.example"}),
        ("own", {"origin": "null"}),
        ("own", {"origin": "http://["}),
        ("own", {"origin": "https://service"}),
        ("own", {"origin": "http://service:81"}),
        ("own", {"origin": "http://service.evil.example"}),
    ],
)
async def test_a_form_that_is_not_ours_changes_nothing(
    renewal_world: World, office_ref: str, csrf_token: str, headers: Headers
) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    form = (await reader.get(path(office_ref, "declare"))).form("/declare")
    sent = form.fields | {"office.title": "Kẻ khác", "do": "save"}
    if csrf_token != "own":
        sent["csrf"] = csrf_token
    answer = await reader.client.post(form.action, data=sent, headers=headers)
    assert answer.status_code == 403
    kept = (await reader.get(path(office_ref, "declare"))).form("/declare")
    assert kept.fields["office.title"] == "Hiệu trưởng"


async def test_our_own_origin_is_believed(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    form = (await reader.get(path(office_ref, "declare"))).form("/declare")
    sent = form.fields | {"do": "save"}
    answer = await reader.client.post(form.action, data=sent, headers={"origin": "http://service"})
    assert answer.status_code == 303


async def test_nobody_is_signed_in_from_a_strange_page(renewal_world: World, office_ref: str) -> None:
    data = {"token": token(renewal_world.people.renewer(office_ref)), "next": ""}
    client = client_of(renewal_world.app)
    answer = await client.post("/renewal/session", data=data, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_the_session_is_for_the_browser_alone(renewal_world: World, office_ref: str) -> None:
    data = {"token": token(renewal_world.people.renewer(office_ref)), "next": "//evil.example"}
    answer = await client_of(renewal_world.app).post("/renewal/session", data=data)
    assert answer.headers["location"] == "/renewal"
    cookie = answer.headers["set-cookie"].lower()
    assert all(flag in cookie for flag in ("httponly", "samesite=lax", "path=/renewal"))


@pytest.mark.parametrize("cookie", ["", "nonsense", "a.b.c"])
async def test_without_a_session_the_page_leads_to_the_sign_in(renewal_world: World, cookie: str) -> None:
    client = client_of(renewal_world.app)
    client.cookies = httpx.Cookies({"giahan_session": cookie} if cookie else {})
    answer = await client.get("/renewal/o/A/qlts/notice")
    assert answer.status_code == 401
    assert "Cần đăng nhập" in answer.text


async def test_start_is_found_with_a_slash_at_its_end(renewal_world: World) -> None:
    answer = await client_of(renewal_world.app).get("/renewal/?product=qlts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/renewal?product=qlts")


async def test_signing_out_ends_the_session(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    page = await reader.get(f"/renewal/o/{office_ref}")
    await reader.send(page.form("/sign-out"))
    await reader.get(f"/renewal/o/{office_ref}", 401)


async def test_signing_out_ends_the_token_for_whoever_has_it(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    headers = renewal_world.people.renewer(office_ref)
    reader, other = [await Reader.signed_in(renewal_world, headers) for _ in range(2)]
    await reader.send((await reader.get(f"/renewal/o/{office_ref}")).form("/sign-out"))
    await other.get(f"/renewal/o/{office_ref}", 401)
    again = await client_of(renewal_world.app).post("/renewal/session", data={"token": token(headers)})
    assert (again.status_code, "set-cookie" in again.headers) == (401, False)
    asked = await renewal_world.client.get(f"/v1/offices/{office_ref}/products", headers=headers)
    assert asked.status_code == 401
    for _ in range(2):
        assert (await renewal_world.client.delete("/v1/session", headers=headers)).status_code == 204
    anew = renewal_world.people.headers(Role.RENEWER, office_ref, number=2)
    await (await Reader.signed_in(renewal_world, anew)).get(f"/renewal/o/{office_ref}")


async def test_platform_ends_a_session_that_nobody_else_can(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    headers = renewal_world.people.renewer(office_ref)
    reader = await Reader.signed_in(renewal_world, headers)
    forged = {"authorization": headers["authorization"][:-6] + "AAAAAA"}
    assert (await renewal_world.client.delete("/v1/session", headers=forged)).status_code == 401
    await reader.get(f"/renewal/o/{office_ref}")
    assert (await renewal_world.client.delete("/v1/session", headers=headers)).status_code == 204
    await reader.get(f"/renewal/o/{office_ref}", 401)
    kept = await renewal_world.service.database["ended_sessions"].find_one({"_id": token_id(token(headers))})
    assert kept is not None


@pytest.mark.parametrize(
    "address",
    [
        "/renewal/x",
        "/renewal/assets/../site.py",
        "/renewal/assets/none.css",
        f"/renewal/assets/{'a' * 300}.css",
        "/renewal/registrations/nonsense",
        "/renewal/documents/zz",
    ],
)
async def test_addresses_that_lead_nowhere_are_pages_too(
    renewal_world: World, office_ref: str, address: str
) -> None:
    reader = await renewer(renewal_world, office_ref)
    answer = await reader.client.get(address)
    assert answer.status_code == 404


async def test_pages_may_not_be_framed_nor_run_what_is_not_ours(
    renewal_world: World, office_ref: str
) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    headers = (await reader.client.get(path(office_ref, "notice"))).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("charset", ["undefined", "punycode", "none-such"])
async def test_form_in_a_charset_that_decodes_nothing_is_refused(renewal_world: World, charset: str) -> None:
    kind = f"multipart/form-data; boundary=a; charset={charset}"
    body = b'--a\r\nContent-Disposition: form-data; name="token"\r\n\r\n\xe1\xbb\x8d\r\n--a--\r\n'
    client, headers = client_of(renewal_world.app), {"content-type": kind}
    answer = await client.post("/renewal/session", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
