"""The desk's items over HTTP: events open and end them in any order, clerks complete them, and the list also
has the registrations that need a decision."""

from uuid import UUID

import httpx
import pytest

from services.renewal.desk.items.items import DeskItems
from services.renewal.domain.desk.desk_item import DeskItem, held_item_id, notice_item_id
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.licences import Licences
from shared.events.base import Stage
from shared.ids import fresh, subscription_id
from shared.messaging.envelope import Position
from shared.storage.aggregate import Cause, Decision
from shared.storage.projection import write_copies
from shared.web.people import Role
from tests.services.renewal.desk.items import PATH, comes, listed
from tests.services.renewal.desk_events import access_held, access_locked, notice_failed
from tests.services.renewal.offices import licensed, registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.problems import problem

pytestmark = pytest.mark.usefixtures("rendered_once")


async def done(
    world: World, id: str, note: str, seen: int | None = None, key: str | None = None, clerk: int = 1
) -> httpx.Response:
    headers = world.people.headers(Role.DESK, number=clerk)
    headers |= {"if-match": f'"{seen}"'} if seen is not None else {}
    headers |= {"idempotency-key": key} if key else {}
    return await world.client.post(f"{PATH}/{id}/done", json={"note": note}, headers=headers)


async def test_failed_notice_has_the_contact_and_is_done_once(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    notice_id = str(fresh())
    await world.tell(world.subscription, notice_failed(office_ref, notice_id))
    (item,) = await comes(world, office_ref)
    assert item["id"] == str(notice_item_id(notice_id))
    assert (item["kind"], item["notice"]["smtp_code"]) == ("notice_failed", 550)
    assert item["about_text"][0] == "Phiếu giấy bị gửi trả"
    assert item["contact"]["phone"]
    key = str(fresh())
    assert problem(await done(world, item["id"], "x", item["version"] + 1)) == (409, "item-moved")
    for _ in range(2):
        answer = await done(world, item["id"], "Đã gọi cô Lan", item["version"], key)
        assert (answer.status_code, answer.json()["done"]["note"]) == (200, "Đã gọi cô Lan")
        assert answer.json()["done"]["by"] == "desk-1"
    assert problem(await done(world, item["id"], "Khác", item["version"], key)) == (
        422,
        "idempotency-key-reused",
    )
    assert problem(await done(world, item["id"], "y", item["version"], clerk=2)) == (409, "item-done")
    await world.tell(world.subscription, notice_failed(office_ref, notice_id))
    await comes(world, office_ref, 0)


async def test_unknown_item_and_empty_note_are_refused(renewal_world: World) -> None:
    assert problem(await done(renewal_world, str(fresh()), "x")) == (404, "item-unknown")
    assert (await done(renewal_world, str(fresh()), " ")).status_code == 422


async def test_held_access_is_listed_until_it_ends(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref, stage=Stage.EXPIRING)
    await world.tell(world.subscription, access_held(office_ref))
    (item,) = await comes(world, office_ref)
    id = subscription_id(office_ref, "qlts")
    assert item["release"] == f"{PATH}/{held_item_id(id)}/release"
    assert item["held"]["new_stage"] == "locked"
    await world.tell(world.subscription, access_locked(office_ref))
    await comes(world, office_ref, 0)
    history = await world.service.database["desk_items"].find_one({"_id": str(held_item_id(id))})
    assert history
    assert history["done"]["by"] is None


async def test_end_before_its_hold_leaves_no_open_item(renewal_world: World, office_ref: str) -> None:
    """Guards against: the event of a hold was parked and came after its end, so the item stayed open for
    ever."""
    world = renewal_world
    await licensed(world, office_ref, stage=Stage.EXPIRING)
    id, at = subscription_id(office_ref, "qlts"), f"subscription/{office_ref}"
    licences = world.service.projection("licences", LicenceCopy)
    kept = world.service.store("desk_items", DeskItem, audited=True)
    items = DeskItems(kept, licences, world.service.clock)
    later = Position(at, 12)
    await write_copies(Licences(licences, world.service.clock).copy_facts(access_locked(office_ref), later))
    await items.end_hold_by_change(access_locked(office_ref), Cause.command(), later)
    assert await kept.load(held_item_id(id)) is None
    await items.open_held_access(access_held(office_ref), Cause.command(), Position(at, 11))
    item = await kept.state(held_item_id(id))
    assert item
    assert item.done
    await items.open_held_access(access_held(office_ref), Cause.command(), Position(at, 13))
    item = await kept.state(held_item_id(id))
    assert item
    assert item.done is None


async def test_registration_that_needs_a_person_is_listed_while_it_waits(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)

    def unclear(state: Renewal | None) -> Decision[Renewal]:
        assert state
        return Decision(state.with_changes(needs_desk=DeskReason.OTHER_REVISION_SIGNED))

    await world.renewals.change(UUID(made["id"]), unclear, Cause.command())
    (item,) = await comes(world, office_ref)
    assert (item["kind"], item["registration"]["number"]) == ("registration", made["number"])
    assert item["about_text"][0] == "Đơn vị đã ký bản phiếu không còn hiệu lực"
    assert not (await listed(world, office=office_ref, kind="access_held"))["items"]
    refused = {"reason": "Đã ký bản cũ"}
    path = f"/v1/registrations/{made['id']}/refuse"
    assert (await world.client.post(path, json=refused, headers=world.people.clerk())).status_code == 200
    await comes(world, office_ref, 0)


async def test_contract_without_a_seal_says_why_and_who_mends_it(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)

    def unsealed(state: Renewal | None) -> Decision[Renewal]:
        assert state
        return Decision(state.with_changes(needs_desk=DeskReason.SEAL_FAILED, desk_note="seal_unusable"))

    await world.renewals.change(UUID(made["id"]), unsealed, Cause.command())
    (item,) = await comes(world, office_ref)
    reason, owner, following = item["registration"]["unsealed"]
    assert reason[0] == "Không kết nối được với thiết bị hoặc tệp giữ khóa ký của nhà cung cấp"
    assert owner == ["Bộ phận vận hành", "Operations"]
    desk = await Reader.signed_in(world, world.people.clerk())
    for path in (f"items?office={office_ref}&lang=vi", f"registrations/{made['id']}?lang=vi"):
        page = (await desk.client.get(f"/renewal/desk/{path}", follow_redirects=True)).text
        assert reason[0] in page
        assert following[0] in page
        assert "seal_unusable" not in page


async def test_pages_continue_where_the_last_ended_across_kinds(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref, stage=Stage.EXPIRING)
    for n in range(4):
        await world.tell(world.subscription, notice_failed(office_ref, f"{office_ref}-{n}"))
    await world.tell(world.subscription, access_held(office_ref))
    whole = [item["id"] for item in await comes(world, office_ref, 5)]
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await listed(world, office=office_ref, limit=2, **after)
        found += [item["id"] for item in page["items"]]
        if page["after"] is None:
            break
        after = {"after": page["after"]}
    assert found == whole
    assert len(set(found)) == 5
    bad = await world.client.get(PATH, params={"knd": "x"}, headers=world.people.clerk())
    assert bad.status_code == 422
