"""Registering in both ways, changing and cancelling, and repeats of the same request."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from services.renewal.domain.numbers import registration_number
from shared.events.renewal import RenewalCancelled, RenewalRegistered, SendingChanged
from shared.ids import derived, fresh, subscription_id
from tests.services.renewal.offices import licensed, registered, request
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.problems import problem

pytestmark = pytest.mark.usefixtures("rendered_once")

REGISTRATIONS = "/v1/registrations"


async def send(
    world: World, who: Headers, path: str, body: dict[str, Any], key: str | None = None, method: str = "POST"
) -> httpx.Response:
    headers = who | ({"idempotency-key": key} if key else {})
    return await world.client.request(method, path, json=body, headers=headers)


@pytest.mark.parametrize(
    ("send_by", "status"), [("electronic", "awaiting_signature"), ("paper", "awaiting_paper")]
)
async def test_registered_either_way(
    renewal_world: World, office_ref: str, send_by: str, status: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    body = request(world, office_ref) | {"send_by": send_by}
    made = await send(world, world.people.renewer(office_ref), REGISTRATIONS, body)
    assert (made.status_code, made.json()["status"], made.json()["send_by"]) == (201, status, send_by)
    told = await world.hears(RenewalRegistered, UUID(made.json()["id"]))
    assert told.send_by == send_by


@pytest.mark.parametrize("replacing", [False, True])
async def test_number_that_is_taken_is_passed_over(
    renewal_world: World, office_ref: str, *, replacing: bool
) -> None:
    """Guards against: numbers are short, so two renewals can get the same one; the office could then never
    register."""
    world = renewal_world
    await licensed(world, office_ref)
    body = request(world, office_ref)
    if replacing:
        first = await send(world, world.people.renewer(office_ref), REGISTRATIONS, body)
        body |= {"replacing": first.json()["id"]}
    id = derived("renewal", subscription_id(office_ref, "qlts"), 2 if replacing else 1)
    other = {"_id": fresh().hex, "registration": {"number": registration_number(id)}}
    await world.service.database["renewals"].insert_one(other)
    made = await send(world, world.people.renewer(office_ref), REGISTRATIONS, body)
    assert made.status_code == 201
    assert made.json()["number"] != registration_number(id)


async def test_change_of_sending_is_saved_with_its_event(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    renewer, path = world.people.renewer(office_ref), f"{REGISTRATIONS}/{made['id']}/sending"
    changed = await send(world, renewer, path, {"send_by": "paper"}, method="PUT")
    assert changed.json()["status"] == "awaiting_paper"
    assert changed.json()["documents"] == made["documents"]
    told = await world.hears(SendingChanged, UUID(made["id"]))
    assert (told.old_send_by, told.send_by) == ("electronic", "paper")
    back = await send(world, renewer, path, {"send_by": "electronic"}, method="PUT")
    assert back.json() == made | {"warnings": []}


async def test_cancelled_once_and_then_registered_again(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    renewer, path = world.people.renewer(office_ref), f"{REGISTRATIONS}/{made['id']}"
    taken = await send(world, renewer, f"{path}/cancellation", {"reason": "Nhầm gói"})
    assert (taken.json()["status"], taken.json()["cancelled"]) == ("cancelled", "Nhầm gói")
    assert all(paper["void"] for paper in taken.json()["documents"])
    told = await world.hears(RenewalCancelled, UUID(made["id"]))
    assert (told.cancelled_by, told.reason, told.replaced_by) == ("office", "Nhầm gói", None)
    again = await send(world, renewer, f"{path}/cancellation", {"reason": "Nhầm gói"})
    assert problem(again) == (409, "not-awaiting")
    assert again.json()["status"] == 409
    late = await send(world, renewer, f"{path}/sending", {"send_by": "paper"}, method="PUT")
    assert problem(late) == (409, "not-awaiting")
    anew = await send(world, renewer, REGISTRATIONS, request(world, office_ref))
    assert anew.status_code == 201
    assert anew.json()["id"] != made["id"]


async def test_open_one_is_named_and_gone_on_with_or_replaced(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    renewer, body = world.people.renewer(office_ref), request(world, office_ref)
    body["order"] = body["order"] | {"users": 15}
    refused = await send(world, renewer, REGISTRATIONS, body)
    assert problem(refused) == (409, "registration-open")
    assert refused.json()["registration"] == made["id"]
    other = await send(world, renewer, REGISTRATIONS, body | {"replacing": str(fresh())})
    assert problem(other) == (409, "registration-open")
    replaced = await send(world, renewer, REGISTRATIONS, body | {"replacing": made["id"]})
    assert (replaced.status_code, replaced.json()["order"]["users"]) == (201, 15)
    old = await world.registration(made["id"], renewer)
    assert (old["status"], old["replaced_by"]) == ("cancelled", replaced.json()["id"])
    told = await world.hears(RenewalCancelled, UUID(made["id"]))
    assert str(told.replaced_by) == replaced.json()["id"]
    await world.hears(RenewalRegistered, UUID(replaced.json()["id"]))


async def test_desk_registers_and_takes_back_on_behalf(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    made = await send(world, world.people.clerk(), REGISTRATIONS, request(world, office_ref))
    id = UUID(made.json()["id"])
    stored = await world.renewals.load(id)
    assert stored
    registration = stored.state.registration
    assert (registration.on_behalf, registration.registered_by) == (True, "desk-1")
    taken = await send(
        world, world.people.clerk(), f"{REGISTRATIONS}/{id}/cancellation", {"reason": "Đơn vị gọi"}
    )
    assert taken.status_code == 200
    assert (await world.hears(RenewalCancelled, id)).cancelled_by == "desk"


async def test_office_registers_for_itself(renewal_world: World, office_ref: str) -> None:
    made = await registered(renewal_world, office_ref)
    stored = await renewal_world.renewals.load(made["id"])
    assert stored
    registration = stored.state.registration
    assert (registration.on_behalf, registration.registered_by) == (False, "renewer-1")


async def test_same_key_registers_once(renewal_world: World, office_ref: str) -> None:
    world, key = renewal_world, fresh().hex
    await licensed(world, office_ref)
    renewer, body = world.people.renewer(office_ref), request(world, office_ref)
    first = await send(world, renewer, REGISTRATIONS, body, key)
    again = await send(world, renewer, REGISTRATIONS, body, key)
    assert (again.status_code, again.json()) == (201, first.json())
    another = await send(world, renewer, REGISTRATIONS, body | {"send_by": "paper"}, key)
    assert problem(another) == (422, "idempotency-key-reused")


async def test_same_key_replaces_once(renewal_world: World, office_ref: str) -> None:
    world, key = renewal_world, fresh().hex
    made = await registered(world, office_ref)
    renewer = world.people.renewer(office_ref)
    body = request(world, office_ref) | {"replacing": made["id"]}
    first = await send(world, renewer, REGISTRATIONS, body, key)
    again = await send(world, renewer, REGISTRATIONS, body, key)
    assert (again.status_code, again.json()) == (201, first.json())


async def test_repeat_with_its_key_returns_a_registration_that_was_replaced(
    renewal_world: World, office_ref: str
) -> None:
    world, key = renewal_world, fresh().hex
    await licensed(world, office_ref)
    renewer, body = world.people.renewer(office_ref), request(world, office_ref)
    first = (await send(world, renewer, REGISTRATIONS, body, key)).json()
    second = await send(world, renewer, REGISTRATIONS, body | {"replacing": first["id"]}, fresh().hex)
    assert second.status_code == 201
    again = (await send(world, renewer, REGISTRATIONS, body, key)).json()
    assert (again["id"], again["status"]) == (first["id"], "cancelled")


@pytest.mark.parametrize(
    ("step", "method", "body", "other"),
    [
        ("sending", "PUT", {"send_by": "paper"}, {"send_by": "electronic"}),
        ("cancellation", "POST", {"reason": "nhầm"}, {"reason": "khác"}),
    ],
)
async def test_same_key_changes_once(
    renewal_world: World,
    office_ref: str,
    step: str,
    method: str,
    body: dict[str, Any],
    other: dict[str, Any],
) -> None:
    world, key = renewal_world, fresh().hex
    made = await registered(world, office_ref)
    renewer, path = world.people.renewer(office_ref), f"{REGISTRATIONS}/{made['id']}/{step}"
    first = await send(world, renewer, path, body, key, method)
    again = await send(world, renewer, path, body, key, method)
    assert (again.status_code, again.json()) == (200, first.json())
    reused = await send(world, renewer, path, other, key, method)
    assert problem(reused) == (422, "idempotency-key-reused")
