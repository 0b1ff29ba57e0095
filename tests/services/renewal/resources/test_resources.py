"""Resources over real Kafka, pages and REST: from a commitment and a contract to the platform's answer, and
what the desk does where there is none."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.resources.ledger import ledger_id
from services.renewal.domain.resources.wanted import ResourceFacts
from services.renewal.resources.lapse_loop import LapseLoop
from services.renewal.resources.meters import GrantMeter
from services.renewal.resources.open_grants import OpenGrants
from services.renewal.resources.requests import PickedGrant
from services.renewal.resources.service import ResourceService
from shared.background.leader_loop import LeaderLoop
from shared.events.platform import ResourcesGranted
from shared.events.resources import ResourcesRequested
from shared.ids import fresh, subscription_id
from shared.observability.metrics import Metrics
from shared.resilience.errors import KeyReused, NotYet
from shared.storage.aggregate import Cause
from shared.storage.projection import Projection
from shared.time.clock import Clock
from shared.web.people import Person, Role
from tests.services.renewal.messages import common, recorded
from tests.services.renewal.offices import licensed, registered, today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.waiting_registrations import register_and_receive
from tests.services.renewal.world import World
from tests.support.clock import FixedClock
from tests.support.people import Headers
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")

DESK = "/renewal/desk/resources"
CLERK = Person(sub="clerk-1", roles=frozenset({Role.DESK}))


class _Dies(Exception):
    """The process dies."""


def resources(office_ref: str, step: str = "") -> str:
    return f"/v1/offices/{office_ref}/products/qlts/resources{step}"


def keyed(headers: Headers, key: str = "") -> Headers:
    return headers | {"idempotency-key": key or str(fresh())}


async def shown(world: World, office_ref: str) -> dict[str, Any]:
    answer = await world.client.get(resources(office_ref), headers=world.people.renewer(office_ref))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def becomes(world: World, office_ref: str, **fields: Any) -> dict[str, Any]:
    async def ask() -> dict[str, Any] | None:
        found = await shown(world, office_ref)
        return found if all(found[name] == value for name, value in fields.items()) else None

    return await until(ask, f"resources {fields}")


async def asked(world: World, office_ref: str, n: int, kind: str = "full") -> list[ResourcesRequested]:
    """Waits for that many requests of that kind for the office."""

    async def find() -> list[ResourcesRequested] | None:
        ours = [e for e in world.heard if isinstance(e, ResourcesRequested) and e.office_ref == office_ref]
        found = [event for event in ours if event.kind == kind]
        return found if len(found) >= n else None

    return await until(find, f"{n} requests")


async def answer(world: World, event: ResourcesRequested, **change: Any) -> None:
    told = event.model_dump(include={"grant_id", "revision", "package", "users", "storage_gb"})
    used = {"users_used": 4, "storage_used_bytes": 3 * 2**30, "withdrawn": event.voided_by is not None}
    body = common(event.office_ref) | {"occurred_at": world.service.clock.now()} | told | used | change
    await world.tell(world.subscription, ResourcesGranted.model_validate(body))


async def contracted(world: World, office_ref: str) -> ResourcesRequested:
    """The request for the full grant of a contract in force."""
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    (event,) = await asked(world, office_ref, 1)
    return event


def licences(world: World) -> Projection[LicenceCopy]:
    return world.service.projection("licences", LicenceCopy)


async def test_a_contract_grants_in_full_and_the_office_reads_it(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    event = await contracted(world, office_ref)
    assert (event.kind, event.cause, event.users, event.revision) == ("full", "contract", 12, 1)
    office = await Reader.signed_in(world, world.people.renewer(office_ref))
    history = f"/renewal/o/{office_ref}/history"
    assert "Đang cấp" in (await office.get(history)).text
    await answer(world, event)
    await becomes(world, office_ref, waits=False)
    assert "Đã cấp ngày" in (await office.get(history)).text
    page = await office.get(f"/renewal/o/{office_ref}/qlts/resources")
    assert "Hợp đồng" in page.text
    assert "Đã cấp" in page.text


async def test_an_accepted_commitment_grants_for_a_time_over_renewals_own_topic(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    desk = keyed(world.people.headers(Role.DESK))
    path = f"/v1/registrations/{made['id']}/commitment/acceptance"
    accepted = await world.client.post(path, headers=desk, json={"reason": "Đơn vị quen"})
    assert accepted.status_code == 200, accepted.text
    (event,) = await asked(world, office_ref, 1, "temporary")
    assert (event.kind, event.cause, event.users) == ("temporary", "commitment", 12)
    await answer(world, event)
    stands = await becomes(world, office_ref, temporary_to=event.granted_to.isoformat(), waits=False)
    assert (stands["users"], stands["users_used"], stands["storage_used_bytes"]) == (12, 4, 3 * 2**30)
    office = await Reader.signed_in(world, world.people.renewer(office_ref))
    for address in ("qlts", "qlts/resources", "qlts/notice"):
        text = (await office.get(f"/renewal/o/{office_ref}/{address}")).text
        assert ("4 trên 12 người dùng" in text) is not address.endswith("notice")
        assert "12 người dùng" in text
    assert (
        f"Tạm đến {event.granted_to:%d/%m/%Y}" in (await office.get(f"/renewal/o/{office_ref}/history")).text
    )


async def test_an_office_asks_the_platform_anew_once_in_some_minutes(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    await _is_valid(world, office_ref)
    path = f"/renewal/o/{office_ref}/qlts/resources"
    office = await Reader.signed_in(world, world.people.renewer(office_ref))
    form = (await office.get(path)).form("/resources")
    said = await office.followed(await office.send(form))
    assert "Đã gửi yêu cầu cập nhật" in said.text
    await office.followed(await office.send(form))  # the same click again
    later = (await office.get(path)).form("/resources")
    assert "chờ vài phút" in (await office.send(later, 409)).text
    headers = keyed(world.people.renewer(office_ref))
    refused = await world.client.post(resources(office_ref, "/update"), headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:resources-asked")
    (event,) = await asked(world, office_ref, 1)
    assert (event.kind, event.cause, event.request) == ("full", "licence", 1)
    member = await Reader.signed_in(world, world.people.member(office_ref))
    assert "Cập nhật tài nguyên của tôi" not in (await member.get(path)).text


async def test_another_answer_is_a_matter_of_the_desk(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    event = await contracted(world, office_ref)
    await answer(world, event, users=10)
    clerk = world.people.headers(Role.DESK)

    async def listed() -> list[dict[str, Any]]:
        found = (await world.client.get("/v1/desk/grants", headers=clerk)).json()["to_look_at"]
        return [each for each in found if each["office_ref"] == office_ref]

    (mine,) = await until(listed, "a look")
    assert (mine["owner"], mine["grant"]["answer"]["users"], mine["grant"]["users"]) == ("desk", 10, 12)
    body = {"grants": [{"subscription_id": mine["subscription_id"], "grant_id": str(event.grant_id)}]}
    headers = keyed(clerk)
    for _ in range(2):
        again = await world.client.post("/v1/desk/grants/requests", headers=headers, json=body)
        assert (again.status_code, again.json()) == (202, {"asked": 1})
    second = (await asked(world, office_ref, 2))[1]
    assert (second.grant_id, second.revision, second.request) == (event.grant_id, 1, 2)
    unknown = {"grants": [body["grants"][0] | {"grant_id": str(fresh())}]}
    path = "/v1/desk/grants/requests"
    assert (await world.client.post(path, headers=keyed(clerk), json=unknown)).status_code == 404
    reader = await Reader.signed_in(world, clerk)
    form = (await reader.get(DESK)).form(f"{event.grant_id}/close")
    assert "vừa thay đổi" in (await reader.send(form, 422, reason="Xong", seen="2")).text
    assert "lý do" in (await reader.send(form, 422, reason="")).text
    done = await reader.followed(await reader.send(form, reason="Hệ thống đã sửa tay"))
    assert "Đã ghi nhận kết quả" in done.text
    assert await listed() == []
    seen = await world.client.get(resources(office_ref), headers=world.people.renewer(office_ref))
    assert seen.json()["grants"][0]["closed"] is True
    assert "sửa tay" not in seen.text, "the note is the vendor's own"


async def test_many_are_asked_for_again_in_one_request(renewal_world: World, office_ref: str) -> None:
    world, key = renewal_world, str(fresh())
    refs = [office_ref, f"{office_ref}-b"]
    picked = []
    for ref in refs:
        await licensed(world, ref)
        await _is_valid(world, ref)
        sent = await world.client.post(resources(ref, "/update"), headers=keyed(world.people.renewer(ref)))
        assert sent.status_code == 202, sent.text
        picked.append(
            PickedGrant(
                subscription_id=subscription_id(ref, "qlts"), grant_id=sent.json()["grants"][0]["grant_id"]
            )
        )
    reader = await Reader.signed_in(world, world.people.headers(Role.DESK))
    form = (await reader.get(DESK)).form("/resources")
    assert "Chưa chọn" in (await reader.send(form, 422)).text
    fields = form.fields | {f"grant.{each.grant_id}": str(each.subscription_id) for each in picked}
    await reader.post(DESK, fields)
    await reader.post(DESK, fields)
    for ref in refs:
        assert [event.request for event in await asked(world, ref, 2)] == [1, 2]
    await world.resources().ask_again(picked, CLERK, key)
    with pytest.raises(KeyReused):
        await world.resources().ask_again(picked[:1], CLERK, key)


async def test_after_some_hours_an_unconfirmed_grant_is_the_desks(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    event = await contracted(world, office_ref)

    async def owner(hours: float) -> bool:
        clock = FixedClock(event.occurred_at + timedelta(hours=hours))
        grants = OpenGrants(world.resources().ledgers, licences(world), timedelta(hours=24), clock)
        page = await grants.waiting(1)
        found = page.rows
        while page.after:
            page = await grants.waiting(1, page.after)
            found += page.rows
        assert len({each.grant.id for each in found}) == len(found), "no row is on two pages"
        return next(each.with_desk for each in found if each.ledger.office_ref == office_ref)

    assert [await owner(23.9), await owner(24)] == [False, True]
    metrics, clock = Metrics(), FixedClock(event.occurred_at + timedelta(hours=25))
    await GrantMeter(world.resources().ledgers, clock).register(metrics)()
    name, waits = "giahan_grants_oldest_seconds", {"waits_for": "confirmation"}
    assert (metrics.registry.get_sample_value(name, waits) or 0) >= 25 * 3600


async def test_the_loop_ends_the_wait_for_what_is_over(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    event = await contracted(world, office_ref)
    day = datetime.combine(event.granted_to, datetime.min.time(), UTC)

    async def round_at(moment: datetime) -> None:
        loop = LeaderLoop("resources", world.service.lease("resources-test"), lambda: True, 1.0)

        async def check_leadership() -> None:
            return None

        await LapseLoop(world.resources(FixedClock(moment)), loop)._step(check_leadership)

    async def waits() -> bool:
        ledger = await world.resources().ledgers.of(event.subscription_id)
        assert ledger is not None
        return ledger.waiting_since is not None

    await round_at(day + timedelta(hours=15))
    assert await waits()
    await round_at(day + timedelta(days=2))
    assert not await waits()


async def test_a_form_that_is_recorded_after_its_access_gets_its_grant(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    await _has_temporary_access(world, office_ref)
    await sign(world, made, office_ref, "awaiting_confirmation", match="review")
    (event,) = await asked(world, office_ref, 1, "temporary")
    assert event.cause == "registration"


async def test_payment_in_full_grants_what_is_ordered(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await register_and_receive(world, office_ref)
    until_day = await _has_temporary_access(world, office_ref)
    await asked(world, office_ref, 1, "temporary")
    money = {"amount": made["order"]["total"], "received_on": today(world).isoformat(), "reference": "FT1"}
    headers = keyed(world.people.headers(Role.DESK))
    path = f"/v1/registrations/{made['id']}/receipts"
    sent = await world.client.post(path, headers=headers, json=money)
    assert sent.status_code == 200, sent.text
    by_form, withdrawn, paid = await asked(world, office_ref, 3, "temporary")
    assert (withdrawn.grant_id, withdrawn.voided_by) == (by_form.grant_id, "replaced")
    assert (paid.cause, paid.granted_to) == ("commitment", until_day)


async def test_what_cannot_be_read_withdraws_nothing_and_holds_up_no_other(
    renewal_world: World, office_ref: str
) -> None:
    world, other_ref = renewal_world, f"{office_ref}-b"
    damaged, sound = await contracted(world, office_ref), await contracted(world, other_ref)
    after = datetime.combine(sound.granted_to, datetime.min.time(), UTC) + timedelta(days=2)
    later = world.resources(FixedClock(after))
    both = [damaged.subscription_id, sound.subscription_id]
    unread = [
        ("renewals", str(damaged.renewal_id), {"form_revision": "?"}),
        ("licences", str(damaged.subscription_id), {"stage": "?"}),
    ]
    for name, id, change in unread:
        documents = world.service.database[name]
        whole = await documents.find_one_and_update({"_id": id}, {"$set": change})
        assert whole is not None
        with pytest.raises(NotYet):
            await later.follow(damaged.subscription_id, Cause.command())
        await later.follow_many(both, Cause.command())
        await documents.update_one({"_id": id}, {"$set": {field: whole[field] for field in change}})
    ledgers = await later.ledgers.of_all(both)
    assert ledgers[damaged.subscription_id].waiting_since is not None
    assert ledgers[sound.subscription_id].waiting_since is None


async def test_a_lost_race_is_run_again(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    event = await contracted(world, office_ref)
    picked = PickedGrant(subscription_id=event.subscription_id, grant_id=event.grant_id)

    def racing(clock: Clock | None = None) -> ResourceService:
        """Somebody else saves the ledger before the first save."""
        service, store = world.resources(clock), world.service.database["resource_ledgers"]
        save_many = service.ledgers.save_many

        async def lose(*args: Any) -> bool:
            vars(service.ledgers)["save_many"] = save_many
            await store.update_one({"_id": str(ledger_id(event.subscription_id))}, {"$inc": {"version": 1}})
            return await save_many(*args)

        vars(service.ledgers)["save_many"] = lose
        return service

    assert await racing().ask_again([picked], CLERK, str(fresh())) == 1
    assert [each.request for each in await asked(world, office_ref, 2)] == [1, 2]
    after = FixedClock(datetime.combine(event.granted_to, datetime.min.time(), UTC) + timedelta(days=2))
    assert await racing(after).follow_many([event.subscription_id], Cause.command())
    ledger = await world.resources().ledgers.of(event.subscription_id)
    assert ledger is not None
    assert ledger.waiting_since is None


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_repeat_after_a_death_asks_once(renewal_world: World, office_ref: str, when: str) -> None:
    world, key = renewal_world, str(fresh())
    event = await contracted(world, office_ref)
    picked = PickedGrant(subscription_id=event.subscription_id, grant_id=event.grant_id)
    dying = world.resources()
    save_many = dying.ledgers.save_many

    async def die(*args: Any) -> bool:
        if when == "after":
            await save_many(*args)
        raise _Dies

    vars(dying.ledgers)["save_many"] = die
    with pytest.raises(_Dies):
        await dying.ask_again([picked], CLERK, key)
    for _ in range(2):
        assert await world.resources().ask_again([picked], CLERK, key) == 1
    ledger = await world.resources().ledgers.of(event.subscription_id)
    assert ledger is not None
    assert ledger.grants[0].requests == 2


async def test_an_older_picture_of_the_facts_overwrites_no_newer_one(
    renewal_world: World, office_ref: str
) -> None:
    """Between the reading of the facts and the save, another process follows newer ones."""
    world = renewal_world
    await licensed(world, office_ref)
    await _is_valid(world, office_ref)
    service, id = world.resources(), subscription_id(office_ref, "qlts")
    person = Person(sub="renewer-1", roles=frozenset({Role.DESK}))
    await service.ask_anew(office_ref, "qlts", person, str(fresh()))
    licences_ = world.service.database["licences"]
    await licences_.update_one({"_id": str(id)}, {"$set": {"users": 7}})
    is_first = True
    read = service._facts_of

    async def overtaken(subscription: UUID) -> ResourceFacts:
        nonlocal is_first
        facts = await read(subscription)
        if is_first:
            is_first = False
            await licences_.update_one({"_id": str(id)}, {"$set": {"users": 9}})
            await world.resources().follow(id, Cause.command())
        return facts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ResourceService, "_facts_of", lambda _, subscription: overtaken(subscription))
        await service.follow(id, Cause.command())
    ledger = await service.ledgers.of(id)
    assert ledger is not None
    assert ledger.grants[0].resources.users == 9


async def test_following_writes_nothing_where_nothing_changed(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    event = await contracted(world, office_ref)
    store = world.service.database["resource_ledgers"]
    before = await store.find_one({"_id": str(ledger_id(event.subscription_id))}, {"version": 1})
    await world.resources().follow(event.subscription_id, Cause.command())
    after = await store.find_one({"_id": str(ledger_id(event.subscription_id))}, {"version": 1})
    assert before == after


async def _has_temporary_access(world: World, office_ref: str) -> date:
    """Its term is over, and it has access until the day that is returned."""
    expired, until_day = today(world) - timedelta(days=1), today(world) + timedelta(days=14)
    event = recorded(office_ref=office_ref, expires_on=expired)
    await world.tell(world.subscription, event.model_copy(update={"temporary_until": until_day}))
    await world.knows(office_ref, "qlts", temporary_until=until_day.isoformat())
    return until_day


async def _is_valid(world: World, office_ref: str) -> None:
    """The licence isn't over, so there is something to ask for."""
    until_day = today(world) + timedelta(days=40)
    await world.tell(world.subscription, recorded(office_ref=office_ref, expires_on=until_day))
    await world.knows(office_ref, "qlts", expires_on=until_day.isoformat())
