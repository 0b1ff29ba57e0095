"""An office that paid with the code of a registration and then replaced it isn't asked again."""

import pytest

from shared.ids import fresh
from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.services.renewal.bank_statements import table, upload
from tests.services.renewal.offices import post, registered, request
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World

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
