"""A renewal over HTTP, Kafka and MongoDB, from the office's registration to the contract in force."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.events.base import Stage
from shared.events.renewal import ContractPrepared, FormReissued, RenewalAccepted, RenewalRegistered
from shared.ids import fresh
from tests.services.renewal.downloads import read
from tests.services.renewal.messages import contract_issued, form_signed, recorded, superseded
from tests.services.renewal.offices import licensed, post, registered, request, today
from tests.services.renewal.world import World


async def sign(world: World, office_ref: str, made: dict[str, Any], **change: Any) -> None:
    event = form_signed(
        renewal_id=UUID(made["id"]), office_ref=office_ref, signed=await world.signed_form(), **change
    )
    told = await world.hears(RenewalRegistered, UUID(made["id"]))
    of_product = {"subscription_id": told.subscription_id, "product_code": told.product_code}
    await world.tell(world.signing, event.model_copy(update=of_product))


async def test_from_registration_to_contract(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    renewal_id = UUID(made["id"])
    told = await world.hears(RenewalRegistered, renewal_id)
    assert told.form.sha256 == made["documents"][0]["sha256"]
    assert told.term.term_to == date(2027, 10, 31)
    assert made["status"] == "awaiting_signature"
    assert made["number"] in await read(world, made["documents"][0]["href"], office_ref)

    await sign(world, office_ref, made)
    prepared = await world.hears(ContractPrepared, renewal_id)
    accepted = await world.hears(RenewalAccepted, renewal_id)
    assert accepted.decided_by == "rule"
    assert prepared.signed_form == await world.signed_form()
    assert prepared.contract_date == today(world)
    now = await world.registration(renewal_id, world.people.renewer(office_ref))
    assert (now["status"], now["contract_number"]) == ("accepted", prepared.contract_number)
    contract = next(paper for paper in now["documents"] if paper["kind"] == "contract")
    said = await read(world, contract["href"], office_ref)
    assert prepared.contract_number in said
    assert prepared.signed_form.sha256 in said

    sealed, foreign = await world.sealed(renewal_id), await world.sealed(fresh())
    for paper in (foreign, sealed):
        number = prepared.contract_number
        issued = contract_issued(number, renewal_id=renewal_id, office_ref=office_ref, sealed=paper)
        await world.tell(world.signing, issued)
    closed = await world.becomes(renewal_id, status="contract_issued")
    kinds = [paper["kind"] for paper in closed["documents"]]
    assert kinds == ["form", "signed_form", "contract", "sealed_contract"]

    again = await post(world, office_ref, request(world, office_ref))
    assert again.json()["type"] == "urn:giahan:problem:term-renewed-already"


async def test_desk_product_waits_for_the_desk(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref, "manual")
    accept = f"/v1/registrations/{made['id']}/accept"
    early = await world.client.post(accept, json={"reason": "vội"}, headers=world.people.clerk())
    assert (early.status_code, early.json()["type"]) == (
        409,
        "urn:giahan:problem:not-awaiting-confirmation",
    )
    await sign(world, office_ref, made)
    waiting = await world.becomes(made["id"], status="awaiting_confirmation")
    assert waiting["needs_desk"] == "product_setting"
    by_office = await world.client.post(
        accept, json={"reason": "tự duyệt"}, headers=world.people.renewer(office_ref)
    )
    assert by_office.status_code == 403
    done = await world.client.post(accept, json={"reason": "đã đối chiếu"}, headers=world.people.clerk())
    assert done.json()["status"] == "accepted"
    prepared = await world.hears(ContractPrepared, UUID(made["id"]))
    assert prepared.contract_number == done.json()["contract_number"]
    assert (await world.hears(RenewalAccepted, UUID(made["id"]))).decided_by == "desk"


async def test_superseded_form_is_reissued_with_the_correct_term(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    renewal_id = UUID(made["id"])
    await world.tell(world.signing, superseded(1, renewal_id=renewal_id, office_ref=office_ref))
    reissued = await world.hears(FormReissued, renewal_id)
    assert (reissued.form_revision, reissued.term.basis_stage) == (2, Stage.TERMINATED)
    assert reissued.term.term_from == today(world)
    now = await world.registration(renewal_id, world.people.renewer(office_ref))
    assert "thay cho bản trước" in await read(world, now["documents"][1]["href"], office_ref)
    await sign(world, office_ref, made, revision=2)
    prepared = await world.hears(ContractPrepared, renewal_id)
    assert prepared.term.basis_stage is Stage.TERMINATED


async def test_moved_expiry_restates_the_form_and_what_was_signed_of_the_earlier_one_leads_on(
    renewal_world: World, office_ref: str
) -> None:
    """Case 40: the expiry moves to a later day while the form is being signed. The contract has the correct
    term."""
    world, moved_to = renewal_world, date(2027, 10, 31)
    made = await registered(world, office_ref)
    moved = recorded(office_ref=office_ref, expires_on=moved_to, stage=Stage.ACTIVE)
    await world.tell(world.subscription, moved)
    restated = await world.becomes(made["id"], form_revision=2)
    assert restated["term"]["basis_expires_on"] == moved_to.isoformat()
    assert (restated["unconfirmed"], restated["turn"]) == ([], "sign")
    await sign(world, office_ref, made)
    accepted = await world.becomes(made["id"], status="accepted")
    assert accepted["contract_number"] is not None
    assert accepted["term"]["basis_expires_on"] == moved_to.isoformat()


async def test_a_term_that_ends_earlier_waits_for_the_offices_word(
    renewal_world: World, office_ref: str
) -> None:
    world, moved_to = renewal_world, date(2026, 1, 20)
    made = await registered(world, office_ref)
    moved = recorded(office_ref=office_ref, expires_on=moved_to, stage=Stage.EXPIRING)
    await world.tell(world.subscription, moved)
    await world.becomes(made["id"], form_revision=2)
    await sign(world, office_ref, made)
    waiting = await world.becomes(made["id"], turn="confirm")
    assert (waiting["unconfirmed"], waiting["contract_number"]) == ([1], None)
    where = f"/v1/registrations/{made['id']}/term-confirmation"
    for revision, status in ((1, 409), (2, 200)):
        told = await world.client.post(
            where, json={"form_revision": revision}, headers=world.people.renewer(office_ref)
        )
        assert told.status_code == status
    assert told.json()["status"] == "accepted"


async def test_one_open_registration_of_two_at_once(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    body = request(world, office_ref)
    answers = await asyncio.gather(*(post(world, office_ref, body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    made = next(answer.json() for answer in answers if answer.status_code == 201)
    for refused in (answer.json() for answer in answers if answer.status_code == 409):
        assert refused["type"] == "urn:giahan:problem:registration-open"
        assert refused["registration"] == made["id"]
    history = await world.client.get(
        "/v1/registrations", params={"office_ref": office_ref}, headers=world.people.member(office_ref)
    )
    assert [row["id"] for row in history.json()] == [made["id"]]


async def test_the_history_is_read_page_by_page(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = renewal_world
    monkeypatch.setattr("services.renewal.stores.office_renewals.PAGE", 2)
    member, renewer = world.people.member(office_ref), world.people.renewer(office_ref)
    made = []
    for _ in range(3):
        made.append((await registered(world, office_ref))["id"])
        path = f"/v1/registrations/{made[-1]}/cancellation"
        answer = await world.client.post(path, headers=renewer, json={"reason": "đăng ký lại"})
        assert answer.status_code == 200, answer.text
    oldest, middle, newest = made
    first = await world.client.get(f"/v1/registrations?office_ref={office_ref}", headers=member)
    assert [row["id"] for row in first.json()] == [newest, middle]
    further = first.links["next"]["url"]
    assert further == f"/v1/registrations?office_ref={office_ref}&before={middle}"
    last = await world.client.get(further, headers=member)
    assert [row["id"] for row in last.json()] == [oldest]
    assert "link" not in last.headers
    other = f"/v1/registrations?office_ref=another&before={middle}"
    assert (await world.client.get(other, headers=world.people.clerk())).status_code == 404
    case = await world.client.get(f"/v1/desk/registrations/{middle}", headers=world.people.clerk())
    assert [other["id"] for other in case.json()["others"]] == [newest, oldest]


async def test_the_history_is_read_by_its_index(renewal_world: World, office_ref: str) -> None:
    order = [("registration.registered_at", -1), ("_id", -1)]
    found = renewal_world.service.database["renewals"].find({"registration.office_ref": office_ref})
    plan = str((await found.sort(order).explain())["queryPlanner"]["winningPlan"])
    assert "'indexName': 'office'" in plan
    assert "'stage': 'SORT'" not in plan


async def test_who_may(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    body = request(world, office_ref)
    stranger = world.people.renewer("another-office")
    member = world.people.member(office_ref)
    paths = [f"/v1/registrations/{made['id']}", made["documents"][0]["href"]]
    for path in paths:
        assert (await world.client.get(path)).status_code == 401
        assert (await world.client.get(path, headers=stranger)).status_code == 404
        assert (await world.client.get(path, headers=member)).status_code == 200
        assert (await world.client.get(path, headers=world.people.clerk())).status_code == 200
    for who, status in ((stranger, 404), (member, 403)):
        answer = await world.client.post("/v1/registrations", json=body, headers=who)
        assert answer.status_code == status
    history = {"office_ref": office_ref}
    assert (await world.client.get("/v1/registrations", params=history, headers=stranger)).status_code == 404
    missing = await world.client.get(f"/v1/documents/{'0' * 64}", headers=member)
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        ({"office": {"name": "Trường 🏫"}}, "/office/name", "unprintable"),
        ({"order": {"users": 2000}}, "/order/users", "too_many"),
        ({"send_by": "pigeon"}, "/send_by", "enum"),
        ({"payment": {"committed": False}}, "/payment/committed", "commitment_missing"),
    ],
)
async def test_errors_are_reported_by_field(
    renewal_world: World, office_ref: str, change: dict[str, Any], pointer: str, rule: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    body = request(world, office_ref)
    for part, fields in change.items():
        body[part] = body[part] | fields if isinstance(fields, dict) else fields
    answer = await post(world, office_ref, body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["rule"]) == (pointer, rule)


async def test_office_without_a_licence(renewal_world: World, office_ref: str) -> None:
    answer = await post(renewal_world, office_ref, request(renewal_world, office_ref))
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:giahan:problem:licence-unknown")
