"""From "we have paid" to the recorded money, over pages and REST."""

from typing import Any

import pytest

from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.services.renewal.offices import licensed, post, registered, request
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.people import Headers

pytestmark = pytest.mark.usefixtures("rendered_once")


async def _payment(world: World, made: dict[str, Any], who: Headers) -> dict[str, Any]:
    answer = await world.client.get(f"/v1/registrations/{made['id']}/payment", headers=who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_office_claims_and_the_desk_records(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    due = (await _payment(world, made, office))["amount"]
    reader = await Reader.signed_in(world, office)
    path = f"/renewal/registrations/{made['id']}/transfer"
    form = (await reader.get(path)).form("/transfer")
    wrong = await reader.send(form, 422, paid_on="mai", memo="ck tien phan mem")
    assert "ck tien phan mem" in wrong.text, "what was typed stays"
    said = await reader.followed(await reader.send(form, memo="ck tien phan mem"))
    assert "Đơn vị báo đã thanh toán, đang đối chiếu" in said.text
    moved = await reader.send(form, 422, memo="nội dung khác")
    assert "đã được gửi rồi" in moved.text, "back, and sent again with another memo"
    assert (await _payment(world, made, office))["status"] == "reported"

    clerk = await Reader.signed_in(world, desk)
    waiting = await clerk.get("/renewal/desk/payments")
    assert "ck tien phan mem" in waiting.text
    page = await clerk.get(waiting.links[made["number"]])
    part = page.form("/payment")
    again = await clerk.send(part, 422, amount="1,5", reference="FT26334.1")
    assert "Số tiền chưa đúng" in again.text
    assert "FT26334.1" in again.text
    first = await clerk.followed(await clerk.send(part, amount="1.000 đ", reference="FT26334.1"))
    assert "Thanh toán một phần" in first.text
    late = await clerk.send(part, 422, amount="1.000", reference="FT26334.2", key="another")
    assert "vừa thay đổi" in late.text, "another clerk recorded meanwhile"
    left = await _payment(world, made, office)
    assert (left["open_amount"], left["transfer"]["amount"]) == (due - 1000, due - 1000)
    rest = await clerk.followed(
        await clerk.send(first.form("/payment"), amount=str(due - 1000), reference="FT26334.3")
    )
    assert "Đã thanh toán" in rest.text
    assert made["number"] not in (await clerk.get("/renewal/desk/payments")).links
    history = await reader.get(f"/renewal/o/{office_ref}/history")
    assert "Đã thanh toán" in history.text
    own = await reader.get(path)
    assert "không còn khoản nào phải thanh toán" in own.text
    assert "FT26334.3" in own.text


async def test_undone_receipt_tells_why(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    desk = world.people.headers(Role.DESK)
    due = (await _payment(world, made, desk))["amount"]
    body = {"amount": due, "received_on": f"{SystemClock().now():%Y-%m-%d}", "reference": "FT1"}
    receipts = f"/v1/registrations/{made['id']}/receipts"
    keyless = await world.client.post(receipts, headers=desk, json=body)
    assert keyless.status_code == 422, "money needs a key"
    key = {"idempotency-key": "one", "if-match": '"0"'}
    twice = [await world.client.post(receipts, headers=desk | key, json=body) for _ in range(2)]
    assert [len(answer.json()["receipts"]) for answer in twice] == [1, 1], "the same key is one receipt"
    other = await world.client.post(receipts, headers=desk | key | {"idempotency-key": "two"}, json=body)
    assert (other.status_code, other.json()["type"]) == (409, "urn:giahan:problem:payment-moved")
    assert twice[0].json()["status"] == "paid"
    assert "recorded_by" not in twice[0].text, "offices read this answer too"
    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get(f"/renewal/desk/registrations/{made['id']}/payment")
    undo = page.form("/reverse")
    assert "lý do" in (await clerk.send(undo, 422, reason="")).text
    undone = await clerk.followed(await clerk.send(undo, reason="Tiền của đơn vị khác"))
    assert "Đã hủy ghi nhận: Tiền của đơn vị khác" in undone.text
    assert (await _payment(world, made, desk))["status"] == "unpaid"


async def test_desk_answers_that_it_saw_no_money(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    claim = f"/v1/registrations/{made['id']}/payment-claim"
    day = {"paid_on": f"{SystemClock().now():%Y-%m-%d}"}
    said = await world.client.post(claim, headers=office | {"idempotency-key": "one"}, json=day)
    assert said.json()["status"] == "reported"
    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get(f"/renewal/desk/registrations/{made['id']}/payment")
    await clerk.send(page.form("/refuse"), reason="Không có trên sao kê đến hết hôm nay")
    claimed = await world.client.get("/v1/desk/payments", headers=desk)
    assert made["id"] not in claimed.text
    reader = await Reader.signed_in(world, office)
    own = await reader.get(f"/renewal/registrations/{made['id']}/transfer")
    assert "Không có trên sao kê đến hết hôm nay" in own.text


async def test_declared_as_paid_waits_for_the_desk_and_its_mail_asks_for_no_transfer(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    paid = {"payment": {"kind": "paid", "on": f"{SystemClock().now():%Y-%m-%d}"}}
    made = (await post(world, office_ref, request(world, office_ref) | paid)).json()
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    stands = await _payment(world, made, office)
    assert (stands["status"], stands["due_on"]) == ("reported", None)
    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get((await clerk.get("/renewal/desk/payments")).links[made["number"]])
    whole = await clerk.followed(
        await clerk.send(page.form("/payment"), amount=str(stands["amount"]), reference="FT26334")
    )
    assert "Đã thanh toán" in whole.text
    assert made["number"] not in (await clerk.get("/renewal/desk/payments")).links


async def test_who_may_not(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    own, stranger = world.people.renewer(office_ref), world.people.renewer(f"{office_ref}-other")
    key = {"idempotency-key": "one"}
    body = {"amount": 1000, "received_on": "2026-11-01", "reference": "FT1"}
    receipts = f"/v1/registrations/{made['id']}/receipts"
    assert (await world.client.post(receipts, headers=own | key, json=body)).status_code == 403
    assert (await world.client.get("/v1/desk/payments", headers=own)).status_code == 403
    claim = f"/v1/registrations/{made['id']}/payment-claim"
    theirs = await world.client.post(claim, headers=stranger | key, json={"paid_on": "2026-11-01"})
    assert theirs.status_code == 404
    for day in ("2999-01-01", "0226-12-15"):
        untrue = await world.client.post(claim, headers=own | key, json={"paid_on": day})
        assert (untrue.status_code, untrue.json()["type"]) == (422, "urn:giahan:problem:payment-day-untrue")
