"""An office that paid with the code of a registration and then replaced it isn't asked again."""

from typing import Any

import pytest

from shared.ids import fresh
from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.services.renewal.bank_statements import table, upload
from tests.services.renewal.offices import post, registered, request
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.problems import problem

pytestmark = pytest.mark.usefixtures("rendered_once")


async def test_what_was_said_and_paid_with_the_old_code_is_on_the_new_registration(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    old = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    day = {"paid_on": f"{SystemClock().now():%Y-%m-%d}"}
    claim = f"/v1/registrations/{old['id']}/payment-claim"
    await world.client.post(claim, headers=office | {"idempotency-key": "one"}, json=day)
    body = request(world, office_ref) | {"replacing": old["id"]}
    new = (await post(world, office_ref, body)).json()
    path = f"/v1/registrations/{new['id']}/payment"
    stands = (await world.client.get(path, headers=office)).json()
    code = old["number"].replace("-", "")
    assert (stands["status"], stands["claim"]["memo"], stands["earlier"]) == ("reported", code, [old["id"]])
    reader, clerk = await Reader.signed_in(world, office), await Reader.signed_in(world, desk)
    own = await reader.get(f"/renewal/registrations/{new['id']}/transfer")
    assert f"Đăng ký này thay đăng ký {old['number']}" in own.text
    listed = await clerk.get("/renewal/desk/payments")
    assert new["number"] in listed.links
    assert old["number"] not in listed.links

    memo = f"{code} gia han {fresh().hex[:8]}"
    await upload(world, desk, table((f"R{fresh().hex[:8]}", stands["amount"], memo)))
    lines = (await world.client.get("/v1/desk/bank-lines", headers=desk)).json()
    (line,) = [each for each in lines if each["line"]["memo"] == memo]
    assert line["match"]["candidates"][0]["renewal_id"] == old["id"], "matched to the code as written"
    by_hand = {"amount": stands["amount"], "received_on": line["line"]["booked_on"], "reference": "tay"}
    receipts = f"/v1/registrations/{new['id']}/receipts"
    twice = await world.client.post(receipts, headers=desk | {"idempotency-key": "hand"}, json=by_hand)
    assert problem(twice) == (409, "line-waits"), "the line is recorded, or the money: not both"
    page = await clerk.get("/renewal/desk/bank-lines")
    assert f"{code} đã được thay bằng {new['number']}" in page.text
    forms = [form for form in page.forms if form.action.endswith(f"/bank-lines/{line['id']}/assign")]
    (form,) = [form for form in forms if form.fields["shares"] == new["number"]]
    done = await clerk.followed(await clerk.send(form))
    assert "Đã ghi nhận khoản tiền" in done.text
    paid = (await world.client.get(path, headers=office)).json()
    assert (paid["status"], paid["claimed_since"]) == ("paid", None)
    stored = await world.service.database["bank_lines"].find_one({"_id": line["id"]})
    assert stored
    assert stored["decision"]["reason"] == f"{code} đã được thay bằng {new['number']}"
    replaced = await clerk.get(f"/renewal/desk/registrations/{old['id']}/payment")
    assert new["number"] in replaced.links


async def test_money_that_came_is_asked_for_by_nothing_until_it_is_given_back(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    old = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    money = {
        "amount": old["order"]["total"],
        "received_on": f"{SystemClock().now():%Y-%m-%d}",
        "reference": "FT1",
    }
    receipts = f"/v1/registrations/{old['id']}/receipts"
    paid = await world.client.post(receipts, headers=desk | {"idempotency-key": "one"}, json=money)
    body = request(world, office_ref) | {"replacing": old["id"]}
    new = (await post(world, office_ref, body)).json()
    path = f"/v1/registrations/{new['id']}/payment"

    async def stands() -> tuple[Any, ...]:
        found = (await world.client.get(path, headers=office)).json()
        papers = (await world.client.get(f"{path}/papers", headers=office)).json()
        return found["claim"], found["here"], found["transfer"] is None, len(papers)

    assert await stands() == (None, money["amount"], True, 0)
    reader, clerk = await Reader.signed_in(world, office), await Reader.signed_in(world, desk)
    own = await reader.get(f"/renewal/registrations/{new['id']}/transfer")
    assert "đơn vị không phải chuyển lại" in own.text
    for asking in ("Đơn vị thụ hưởng", "VietQR", "Đơn vị báo đã thanh toán", "Hạn thanh toán"):
        assert asking not in own.text
    assert new["number"] in (await clerk.get("/renewal/desk/payments")).links
    desk_page = await clerk.get(f"/renewal/desk/registrations/{new['id']}/payment")
    assert not [form for form in desk_page.forms if form.action.endswith("/payment/refuse")], "nobody claims"

    (receipt,) = paid.json()["receipts"]
    back = {"reason": "Đơn vị dừng gia hạn", "refunded": True}
    reversal = f"{receipts}/{receipt['id']}/reversal"
    await world.client.post(reversal, headers=desk | {"idempotency-key": "two"}, json=back)
    assert await stands() == (None, 0, False, 2)
