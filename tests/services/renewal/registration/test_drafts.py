"""A draft belongs to the office: one person begins it, another continues, and no typed text is lost without a
message."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.events.base import Stage
from shared.events.renewal import ContractPrepared
from shared.web.people import Role
from tests.services.renewal.messages import contract_issued, form_signed, recorded
from tests.services.renewal.offices import licensed, post, registered, request
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.problems import problem

pytestmark = pytest.mark.usefixtures("rendered_once")


def path(office_ref: str, step: str = "draft") -> str:
    return f"/v1/offices/{office_ref}/products/qlts/{step}"


async def opened(world: World, office_ref: str, who: Headers | None = None) -> dict[str, Any]:
    answer = await world.client.get(path(office_ref), headers=who or world.people.renewer(office_ref))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == f'"{body["version"]}"'
    return body


async def save(
    world: World, office_ref: str, version: int, who: Headers | None = None, **typed: str
) -> httpx.Response:
    fields = {name.replace("__", "."): value for name, value in typed.items()}
    headers = (who or world.people.renewer(office_ref)) | {"if-match": f'"{version}"'}
    return await world.client.put(path(office_ref), json={"fields": fields}, headers=headers)


async def test_one_person_begins_and_another_continues(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    begun = await opened(world, office_ref)
    assert begun["fields"]["office.name"] == "Trường Tiểu học Kim Đồng"
    first = await save(world, office_ref, begun["version"], office__name="Trường 🏫", order__users="mười")
    assert first.status_code == 200
    colleague = world.people.headers(Role.RENEWER, office_ref, 2)
    seen = await opened(world, office_ref, colleague)
    assert (seen["fields"]["office.name"], seen["fields"]["order.users"]) == ("Trường 🏫", "mười")
    second = await save(world, office_ref, seen["version"], colleague, office__name="Trường B")
    assert (second.status_code, second.json()["version"]) == (200, seen["version"] + 1)
    desk = await opened(world, office_ref, world.people.clerk())
    assert desk["fields"]["office.name"] == "Trường B"


async def test_saving_over_a_colleague_brings_what_they_saved_and_keeps_it(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    version = (await opened(world, office_ref))["version"]
    await save(world, office_ref, version, office__name="Của người thứ nhất")
    late = await save(world, office_ref, version, office__name="Của người thứ hai")
    assert (late.status_code, late.json()["type"]) == (409, "urn:giahan:problem:draft-moved")
    newer = late.json()["draft"]
    assert newer["fields"]["office.name"] == "Của người thứ nhất"
    assert await opened(world, office_ref) == newer
    again = await save(world, office_ref, newer["version"], office__name="Của người thứ hai")
    assert again.status_code == 200


async def test_two_savings_at_once_keep_one_and_tell_the_other(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    version = (await opened(world, office_ref))["version"]
    answers = await asyncio.gather(
        *(save(world, office_ref, version, office__name=f"Người {n}") for n in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    kept = next(answer.json() for answer in answers if answer.status_code == 200)
    assert await opened(world, office_ref) == kept


async def test_two_first_looks_at_once_begin_one_draft(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    first, second = await asyncio.gather(opened(world, office_ref), opened(world, office_ref))
    assert first == second


async def test_the_same_save_again_changes_nothing(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    version = (await opened(world, office_ref))["version"]
    first = await save(world, office_ref, version, office__name="Trường")
    assert (await save(world, office_ref, version, office__name="Trường")).json() == first.json()


async def test_discarded_begins_from_the_licence(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    begun = await opened(world, office_ref)
    saved = (await save(world, office_ref, begun["version"], office__name="Trường")).json()
    renewer = world.people.renewer(office_ref)
    for version, status in ((begun["version"], 409), (saved["version"], 204)):
        headers = renewer | {"if-match": f'"{version}"'}
        assert (await world.client.delete(path(office_ref), headers=headers)).status_code == status
    assert (await opened(world, office_ref))["fields"] == begun["fields"]


async def test_corrected_expiry_keeps_what_was_typed_and_moves_its_term(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    begun = await opened(world, office_ref)
    await save(world, office_ref, begun["version"], office__name="Trường")
    moved = recorded(office_ref=office_ref, expires_on=date(2027, 1, 31), stage=Stage.ACTIVE)
    await world.tell(world.subscription, moved)
    await world.knows(office_ref, "qlts", expires_on="2027-01-31")
    now = await opened(world, office_ref)
    assert (now["basis_expires_on"], now["fields"]["office.name"]) == ("2027-01-31", "Trường")


async def test_renewed_term_begins_a_new_draft_from_the_licence(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    begun = await opened(world, office_ref)
    await save(world, office_ref, begun["version"], office__name="Trường")
    id, signed_form = UUID(made["id"]), await world.signed_form()
    await world.tell(world.signing, form_signed(renewal_id=id, office_ref=office_ref, signed=signed_form))
    number = (await world.hears(ContractPrepared, id)).contract_number
    issued = contract_issued(number, renewal_id=id, office_ref=office_ref, sealed=await world.sealed(id))
    await world.tell(world.signing, issued)
    await world.becomes(id, status="contract_issued")
    renewed = recorded(office_ref=office_ref, expires_on=date(2027, 10, 31), stage=Stage.ACTIVE)
    await world.tell(world.subscription, renewed)
    await world.knows(office_ref, "qlts", expires_on="2027-10-31")
    anew = await opened(world, office_ref)
    assert (anew["basis_expires_on"], anew["fields"]) == ("2027-10-31", begun["fields"])


async def test_review_has_errors_order_and_the_blocking_registration(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    renewer = world.people.renewer(office_ref)
    seen = (await world.client.post(path(office_ref, "review"), headers=renewer)).json()
    assert [(fault["pointer"], fault["rule"]) for fault in seen["faults"]] == [
        ("/payment/committed", "commitment_missing")
    ]
    assert (seen["order"]["total"], seen["in_words"]) == (4_800_000, "Bốn triệu tám trăm nghìn đồng")
    assert (seen["term"]["term_from"], seen["term"]["term_to"]) == ("2026-11-01", "2027-10-31")
    assert (seen["standing"]["id"], seen["standing"]["status"]) == (made["id"], "awaiting_signature")


async def test_review_of_what_is_not_saved_keeps_nothing(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    begun = await opened(world, office_ref)
    typed = begun["fields"] | {"order.users": "1.001", "office.name": "", "payment.committed": "yes"}
    answer = await world.client.post(
        path(office_ref, "review"), json={"fields": typed}, headers=world.people.member(office_ref)
    )
    told = [(fault["pointer"], fault["rule"]) for fault in answer.json()["faults"]]
    assert told == [("/office/name", "empty"), ("/order/users", "too_many")]
    assert answer.json()["order"] is None
    assert await opened(world, office_ref) == begun


async def test_half_a_character_is_refused_and_not_a_fault_of_ours(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    version = (await opened(world, office_ref))["version"]
    headers = world.people.renewer(office_ref) | {
        "if-match": f'"{version}"',
        "content-type": "application/json",
    }
    for name, value in (("office.name", "\\ud800"), ("office.\\ud800", "x")):
        for method, step in (("PUT", "draft"), ("POST", "review")):
            body = f'{{"fields": {{"{name}": "{value}"}}}}'
            answer = await world.client.request(method, path(office_ref, step), content=body, headers=headers)
            assert answer.status_code in (200, 422), answer.text


async def test_draft_is_filled_from_a_refused_registration(renewal_world: World, office_ref: str) -> None:
    world, renewer = renewal_world, renewal_world.people.renewer(office_ref)
    await licensed(world, office_ref)
    name = "Trường Tiểu học Võ Thị Sáu"
    body = request(world, office_ref, name=name)
    made = (await post(world, office_ref, body)).json()
    again = f"/v1/registrations/{made['id']}/again"
    version = (await opened(world, office_ref))["version"]
    seen = renewer | {"if-match": f'"{version}"'}
    assert problem(await world.client.post(again, headers=seen)) == (409, "registration-open")
    refuse = {"reason": "sai mã ngân sách"}
    path_ = f"/v1/registrations/{made['id']}/refuse"
    assert (await world.client.post(path_, json=refuse, headers=world.people.clerk())).status_code == 200

    filled = await world.client.post(again, headers=seen)
    assert filled.status_code == 200, filled.text
    fields = filled.json()["fields"]
    assert (fields["office.name"], fields["invoice.same"], fields["order.users"]) == (name, "yes", "12")
    assert fields["payment.committed"] == ""
    moved = await world.client.post(again, headers=seen)
    assert problem(moved) == (409, "draft-moved")
    assert moved.json()["draft"]["fields"] == fields


async def test_registered_by_the_desk_is_seen_by_the_office(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    made = await world.client.post(
        "/v1/registrations", json=request(world, office_ref), headers=world.people.clerk()
    )
    assert made.status_code == 201, made.text
    seen = await world.registration(made.json()["id"], world.people.renewer(office_ref))
    assert seen["on_behalf"] is True
