"""The desk appoints another renewer: what that person may then do, over HTTP and on pages, and who never
may."""

from base64 import b64encode
from typing import Any

import httpx
import pytest

from shared.events.renewer import RenewerNamed, RenewerWithdrawn
from shared.web.people import Role
from tests.services.renewal.desk.appointments import letter, may_register
from tests.services.renewal.offices import licensed
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.problems import problem
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")

STATED = {
    "user_ref": "member-1",
    "name": "Lê Thị Lan",
    "title": "Kế toán",
    "email": "lan@truong.example",
    "reason": "Người cũ đã chuyển công tác",
}


def path(office_ref: str, step: str = "") -> str:
    return f"/v1/offices/{office_ref}/renewer{step}"


async def name(
    world: World,
    office_ref: str,
    *,
    file: bytes | None = None,
    seen: int | None = None,
    key: str | None = None,
    who: Headers | None = None,
    **stated: str,
) -> httpx.Response:
    body = STATED | {"evidence": b64encode(file or letter()).decode()} | stated
    headers = who or world.people.clerk()
    headers |= {"if-match": f'"{seen}"'} if seen is not None else {}
    headers |= {"idempotency-key": key} if key else {}
    return await world.client.put(path(office_ref), json=body, headers=headers)


async def heard(world: World, model: type[Any], office_ref: str) -> Any:
    async def find() -> Any:
        return next((e for e in world.heard if isinstance(e, model) and e.office_ref == office_ref), None)

    return await until(find, model.__name__)


async def test_member_who_is_named_registers_until_it_is_withdrawn(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    member, another = world.people.member(office_ref), world.people.headers(Role.MEMBER, office_ref, 2)
    assert await may_register(world, office_ref, member) == 403
    answer = await name(world, office_ref, seen=0)
    assert answer.status_code == 200, answer.text
    assert answer.json()["renewer"]["by"] == "desk-1"
    told = await heard(world, RenewerNamed, office_ref)
    assert (told.user_ref, told.evidence.sha256) == (
        "member-1",
        answer.json()["renewer"]["evidence"]["sha256"],
    )
    assert await may_register(world, office_ref, another) == 403
    other = await Reader.signed_in(world, another)
    for step in ("", "/notice"):
        page = await other.get(f"/renewal/o/{office_ref}/qlts{step}")
        assert "Vui lòng báo người phụ trách gia hạn của đơn vị: Lê Thị Lan." in page.text
    assert await may_register(world, office_ref, member) == 201
    reader = await Reader.signed_in(world, member)
    await reader.get(f"/renewal/o/{office_ref}/qlts/declare")

    version = answer.json()["version"]
    headers = world.people.clerk() | {"if-match": f'"{version}"'}
    why = {"reason": "Đã quay lại"}
    gone = await world.client.post(path(office_ref, "/withdrawal"), json=why, headers=headers)
    assert (gone.status_code, gone.json()["renewer"]) == (200, None)
    assert (await heard(world, RenewerWithdrawn, office_ref)).user_ref == "member-1"
    assert await may_register(world, office_ref, member) == 403
    await reader.get(f"/renewal/o/{office_ref}/qlts/declare", 403)


async def test_a_member_of_another_office_never_profits(renewal_world: World, office_ref: str) -> None:
    """Also with the same subject: what counts is the office in the platform's token."""
    world = renewal_world
    other = f"{office_ref}-other"
    await licensed(world, office_ref)
    await licensed(world, other)
    assert (await name(world, office_ref)).status_code == 200
    stranger = world.people.member(other)
    assert await may_register(world, office_ref, stranger) in (403, 404)
    assert await may_register(world, other, stranger) == 403
    reader = await Reader.signed_in(world, stranger)
    await reader.get(f"/renewal/o/{office_ref}/qlts/declare", 404)
    await reader.get(f"/renewal/o/{other}/qlts/declare", 403)
    ops = world.people.headers(Role.OPS)
    assert (await name(world, office_ref, user_ref="ops-1")).status_code == 200
    assert await may_register(world, office_ref, ops) == 403


async def test_only_the_desk_names_and_strangers_bodies_are_not_read(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    for who in (world.people.renewer(office_ref), world.people.member(office_ref)):
        assert problem(await name(world, office_ref, who=who)) == (403, "forbidden")
    assert problem(await name(world, f"{office_ref}-none")) == (404, "office-unknown")


async def test_evidence_is_rendered_again_and_bad_files_appoint_nobody(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    bad = await name(world, office_ref, file=b"MZ no picture")
    assert problem(bad) == (422, "upload-bad")
    assert bad.json()["errors"][0]["pointer"] == "/evidence"
    unnamed = await name(world, office_ref, name=" ", email="nobody")
    assert {each["pointer"] for each in unnamed.json()["errors"]} == {"/name", "/email"}
    shown = await world.client.get(path(office_ref), headers=world.people.clerk())
    assert (shown.json()["version"], shown.json()["renewer"]) == (0, None)
    assert (await name(world, office_ref)).status_code == 200
    kept = await world.client.get(path(office_ref, "/evidence"), headers=world.people.clerk())
    assert kept.content.startswith(b"%PDF")
    assert b"hidden" not in kept.content


async def test_two_clerks_do_not_overwrite_and_a_repeat_names_once(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    for _ in range(2):
        answer = await name(world, office_ref, seen=0, key=f"k-{office_ref}")
        assert (answer.status_code, answer.json()["version"]) == (200, 1)
    second = world.people.headers(Role.DESK, number=2)
    late = await name(world, office_ref, seen=0, user_ref="member-2", who=second)
    assert problem(late) == (409, "appointment-moved")
    other = await name(world, office_ref, seen=1, key=f"k-{office_ref}", user_ref="member-3")
    assert problem(other) == (422, "idempotency-key-reused")
    assert (await name(world, office_ref, seen=1, user_ref="member-2", who=second)).status_code == 200
