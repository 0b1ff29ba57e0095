"""Several products of one office on one form, from the registration to a contract each."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.renewal import Renewal
from shared.events.payment import PaymentRecorded
from shared.events.renewal import (
    ContractPrepared,
    FormReissued,
    RenewalAccepted,
    RenewalCancelled,
    RenewalRegistered,
)
from shared.events.resources import ResourcesRequested
from shared.ids import subscription_id
from shared.storage.aggregate import Cause, Decision
from shared.web.people import Role
from tests.services.renewal.joint.orders import PATH, jointly_registered, register_jointly
from tests.services.renewal.messages import form_signed, recorded, superseded
from tests.services.renewal.offices import EXPIRED, licensed, post, registered, request, today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.signed_registrations import sign
from tests.services.renewal.world import World
from tests.support.problems import problem
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")

TWO = ("qlts", "qlcb")
"""Both are prepared by rule."""


async def test_one_form_and_an_event_for_each_product(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    lead, other = (UUID(each["id"]) for each in made["products"])
    assert made["total"] == sum(each["order"]["total"] for each in made["products"])
    told, joined = [await world.hears(RenewalRegistered, id) for id in (lead, other)]
    assert (joined.product_code, joined.lead_id, joined.form) == ("qlcb", lead, told.form)
    assert [each.renewal_id for each in told.joined] == [other]
    assert told.transfer
    assert told.transfer.amount == made["total"]


async def test_signed_form_gives_each_product_a_contract_of_its_own(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    lead, other = made["products"]
    await sign(world, made["registration"], office_ref)
    event = form_signed(renewal_id=UUID(other["id"]), office_ref=office_ref)
    about = {"subscription_id": subscription_id(office_ref, "qlcb"), "product_code": "qlcb"}
    await world.tell(world.signing, event.model_copy(update=about))
    prepared = [await world.hears(ContractPrepared, UUID(each["id"])) for each in (lead, other)]
    assert len({each.contract_number for each in prepared}) == 2
    assert [each.total_vnd for each in prepared] == [lead["order"]["total"], other["order"]["total"]]
    assert len({each.signed_form.sha256 for each in prepared}) == 1
    accepted = await world.registration(other["id"], world.people.renewer(office_ref))
    assert (accepted["status"], accepted["lead_id"]) == ("accepted", lead["id"])
    assert [each["kind"] for each in accepted["documents"]] == ["form", "signed_form", "contract"]
    await world.hears(RenewalAccepted, UUID(other["id"]))

    async def is_released() -> bool:
        stored = await world.renewals.load(UUID(lead["id"]))
        return stored is not None and not stored.state.carries_joined

    await until(is_released, "the lead stands for its own product only")
    again = await post(world, office_ref, request(world, office_ref, "qlcb"))
    assert problem(again) == (409, "registration-open")
    reader = await Reader.signed_in(world, world.people.renewer(office_ref))
    page = await reader.get(f"/renewal/registrations/{other['id']}")
    assert lead["number"] in page.text, "it says with what it is paid"
    for step in ("transfer", "invoice"):
        await reader.get(f"/renewal/registrations/{other['id']}/{step}", 404)
    for each, refusal in ((lead, "joint-accepted"), (other, "joint-product")):
        await let_go(world, each["id"])
        page = await reader.get(f"/renewal/registrations/{each['id']}")
        assert f"/registrations/{each['id']}/cancel" not in page.text
        assert "gọi bàn gia hạn" in page.text, "it says what to do instead"
        cancel = f"/v1/registrations/{each['id']}/cancellation"
        headers = world.people.renewer(office_ref)
        refused = await world.client.post(cancel, json={"reason": "đổi ý"}, headers=headers)
        assert problem(refused) == (409, refusal)
        body = request(world, office_ref, each["product_code"]) | {"replacing": each["id"]}
        assert problem(await post(world, office_ref, body)) == (409, refusal)
    history = await reader.get(f"/renewal/o/{office_ref}/history")
    assert lead["number"] in history.text
    assert other["number"] in history.text


async def test_signed_form_of_the_lead_grants_each_product(renewal_world: World, office_ref: str) -> None:
    """Guards against: the joined product's own event came before the lead's form was filed, and nothing asks
    the platform for it any more. Here it doesn't come at all."""
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    expired, until_day = today(world) - timedelta(days=1), today(world) + timedelta(days=14)
    access = recorded(office_ref=office_ref, product_code="qlcb", expires_on=expired)
    await world.tell(world.subscription, access.model_copy(update={"temporary_until": until_day}))
    await world.knows(office_ref, "qlcb", temporary_until=until_day.isoformat())
    await sign(world, made["registration"], office_ref, "awaiting_confirmation", match="review")
    other = UUID(made["products"][1]["id"])

    async def is_asked() -> bool:
        asked = [each for each in world.heard if isinstance(each, ResourcesRequested)]
        return any((each.renewal_id, each.cause) == (other, "registration") for each in asked)

    await until(is_asked, "a temporary grant of the joined product")


async def let_go(world: World, id: str) -> None:
    """Its contract was voided, and signing has released it."""

    def decide(state: Renewal | None) -> Decision[Renewal]:
        assert state
        return Decision(state.with_changes(status=RegistrationStatus.AWAITING_CONFIRMATION))

    await world.renewals.change(UUID(id), decide, Cause.command("let go"))


async def test_repeated_request_gives_the_same_registration(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    for code in TWO:
        await licensed(world, office_ref, code)
    first = await register_jointly(world, office_ref, *TWO, key="one")
    moved = recorded(office_ref=office_ref, product_code="qlcb")
    codes = moved.licence.model_copy(update={"tax_code": "0100109106"})
    await world.tell(world.subscription, moved.model_copy(update={"licence": codes}))
    await world.knows(office_ref, "qlcb", tax_code="0100109106")
    assert problem(await register_jointly(world, office_ref, *TWO, key="two")) == (422, "joint-offices")
    second = await register_jointly(world, office_ref, *TWO, key="one")
    assert second.status_code == 201, "what changed since is nothing to a repeat"
    assert first.json()["products"] == second.json()["products"]
    other = await register_jointly(world, office_ref, *TWO, key="one", send_by="paper")
    assert other.status_code == 422


async def test_two_requests_at_the_same_time_give_one_registration(
    renewal_world: World, office_ref: str
) -> None:
    """A single registration of a joined product and the joint one: only one of them is made."""
    world = renewal_world
    for code in TWO:
        await licensed(world, office_ref, code)
    answers = await asyncio.gather(
        register_jointly(world, office_ref, *TWO),
        post(world, office_ref, request(world, office_ref, "qlcb")),
        register_jointly(world, office_ref, "qlcb", "qlts"),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_each_product_is_found_by_its_subscription_also_where_it_cannot_be_read(
    renewal_world: World, office_ref: str
) -> None:
    """Guards against: what a joined product has is withdrawn, because its registration wasn't found."""
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    renewals, id = world.resources().renewals, subscription_id(office_ref, "qlcb")
    (found,), unread = await renewals.of_subscriptions([id])
    assert (found.registration.renewal_id, unread) == (UUID(made["products"][1]["id"]), set())
    assert await renewals.is_any(id)
    lead, documents = {"_id": made["registration"]["id"]}, world.service.database["renewals"]
    await documents.update_one(lead, {"$set": {"form_revision": "?"}})
    try:
        none, unread = await renewals.of_subscriptions([id])
    finally:
        await documents.update_one(lead, {"$set": {"form_revision": 1}})
    assert (none, id in unread) == ([], True)


@pytest.mark.parametrize("code", TWO)
async def test_open_registration_of_one_product_prevents_all(
    renewal_world: World, office_ref: str, code: str
) -> None:
    world = renewal_world
    single = await registered(world, office_ref, code)
    for each in TWO:
        await licensed(world, office_ref, each)
    refused = await register_jointly(world, office_ref, *TWO)
    assert problem(refused) == (409, "registration-open")
    named = refused.json()
    assert (named["registration"], named["product_code"]) == (single["id"], code)


async def test_joint_registration_is_cancelled_whole(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    lead, other = (each["id"] for each in made["products"])
    cancel = f"/v1/registrations/{lead}/cancellation"
    renewer = world.people.renewer(office_ref)
    assert (await world.client.post(cancel, json={"reason": "đổi ý"}, headers=renewer)).status_code == 200
    cancelled = await world.hears(RenewalCancelled, UUID(other))
    assert cancelled.lead_id == UUID(lead)
    alone = await post(world, office_ref, request(world, office_ref, "qlcb"))
    assert alone.status_code == 201
    assert alone.json()["id"] != other, "the cancelled one's id isn't used again"


async def test_product_is_taken_out_by_a_smaller_joint_registration(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, "qlts", "ktns", "qlcb")
    old = {each["product_code"]: UUID(each["id"]) for each in made["products"]}
    replacing = {"replacing": str(old["qlts"]), "key": office_ref}
    first, again = [await register_jointly(world, office_ref, "ktns", "qlcb", **replacing) for _ in range(2)]
    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    new = {each["product_code"]: UUID(each["id"]) for each in first.json()["products"]}
    cancelled = {code: (await world.hears(RenewalCancelled, id)).replaced_by for code, id in old.items()}
    assert cancelled == {"qlts": None, "ktns": new["ktns"], "qlcb": new["qlcb"]}
    assert (await world.hears(RenewalRegistered, new["qlcb"])).lead_id == new["ktns"]
    left_out = await post(world, office_ref, request(world, office_ref, "qlts"))
    assert left_out.status_code == 201
    added = await register_jointly(world, office_ref, "ktns", "qlcb", "qlts", replacing=str(new["ktns"]))
    assert problem(added) == (409, "registration-open")


async def test_single_registration_takes_the_place_of_a_joint_one(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    lead, other = (UUID(each["id"]) for each in made["products"])
    body = request(world, office_ref, "qlcb")
    assert problem(await post(world, office_ref, body)) == (409, "registration-open")
    single = await post(world, office_ref, body | {"replacing": str(lead)})
    assert single.status_code == 201, single.text
    of_lead, of_other = [await world.hears(RenewalCancelled, id) for id in (lead, other)]
    assert (of_lead.replaced_by, of_other.replaced_by) == (None, UUID(single.json()["id"]))
    assert (await post(world, office_ref, request(world, office_ref))).status_code == 201


async def test_corrected_expiry_of_a_joined_product_restates_the_form_of_all(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    lead, other = (UUID(each["id"]) for each in made["products"])
    moved = recorded(office_ref=office_ref, product_code="qlcb", expires_on=today(world))
    await world.tell(world.subscription, moved)
    restated = await world.hears(FormReissued, other)
    assert restated.old_term
    assert restated.old_term.basis_expires_on != restated.term.basis_expires_on == today(world)
    of_lead = await world.hears(FormReissued, lead)
    assert of_lead.old_term == of_lead.term
    assert of_lead.form == restated.form
    reader = await Reader.signed_in(world, world.people.renewer(office_ref))
    page = await reader.get(f"/renewal/registrations/{lead}")
    clerk = await Reader.signed_in(world, world.people.headers(Role.DESK))
    case = await clerk.get(f"/renewal/desk/registrations/{lead}")
    days = f"từ {EXPIRED:%d/%m/%Y} thành {today(world):%d/%m/%Y}"
    for text in (page.text, case.text):
        assert f"Phần mềm Quản lý cán bộ: ngày sử dụng cuối cùng được điều chỉnh {days}" in text
        assert text.count("ngày sử dụng cuối cùng được điều chỉnh") == 1, "of the product that moved only"


async def test_termination_of_a_joined_product_restates_the_form_of_all(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    other = UUID(made["products"][1]["id"])
    about = {"subscription_id": subscription_id(office_ref, "qlcb"), "product_code": "qlcb"}
    event = superseded(1, renewal_id=other, office_ref=office_ref).model_copy(update=about)
    await world.tell(world.signing, event)
    restated = await world.hears(FormReissued, other)
    assert (restated.reason, restated.term.basis_stage) == ("terminated", "terminated")


async def test_part_payment_counts_once_it_is_allocated(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await jointly_registered(world, office_ref, *TWO)
    lead, other = made["products"]
    desk, key = world.people.headers(Role.DESK), {"idempotency-key": "one"}
    cost = other["order"]["total"]
    body = {"amount": cost, "received_on": f"{today(world)}", "reference": "FT1"}
    receipts = f"/v1/registrations/{lead['id']}/receipts"
    paid = await world.client.post(receipts, headers=desk | key, json=body)
    assert (paid.json()["status"], paid.json()["amount"]) == ("part_paid", made["total"])
    waits = await world.hears(PaymentRecorded, UUID(other["id"]))
    assert (waits.paid_vnd, waits.total_vnd, waits.form_paid_vnd) == (0, cost, cost)
    share = {"products": [{"registration_id": other["id"], "amount": cost}]}
    allocation = f"{PATH}/{lead['id']}/allocation"
    allocated = await world.client.put(allocation, headers=desk | key, json=share)
    assert allocated.status_code == 200, allocated.text
    repeated = await world.client.put(allocation, headers=desk | key, json=share)
    assert repeated.json() == allocated.json()
    world.heard.remove(waits)
    counts = await world.hears(PaymentRecorded, UUID(other["id"]))
    assert (counts.paid_vnd, counts.total_vnd) == (cost, cost)
    too_much = {"products": [{"registration_id": lead["id"], "amount": cost + 1}]}
    refused = await world.client.put(allocation, headers=desk | {"idempotency-key": "two"}, json=too_much)
    assert problem(refused) == (422, "allocation-untrue")
    twice = {"products": [{"registration_id": other["id"], "amount": each} for each in (cost, 1)]}
    refused = await world.client.put(allocation, headers=desk | {"idempotency-key": "three"}, json=twice)
    assert problem(refused) == (422, "allocation-untrue"), "else the last amount counts silently"
