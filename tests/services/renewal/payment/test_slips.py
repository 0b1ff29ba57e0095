"""The payment order that an office uploads beside what it says to have paid."""

from typing import Any

import httpx
import pytest

from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.payment.slips import sample_slip
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.problems import problem

pytestmark = pytest.mark.usefixtures("rendered_once")


async def _payment(world: World, made: dict[str, Any], who: Headers) -> dict[str, Any]:
    answer = await world.client.get(f"/v1/registrations/{made['id']}/payment", headers=who)
    found: dict[str, Any] = answer.json()
    return found


async def _upload(world: World, made: dict[str, Any], data: bytes, key: str) -> httpx.Response:
    who = world.people.renewer(made["office_ref"])
    path = f"/v1/registrations/{made['id']}/payment/slips"
    return await world.client.post(path, content=data, headers=who | {"idempotency-key": key})


async def _stored(world: World, made: dict[str, Any]) -> set[str]:
    """The hashes of the payment orders whose bytes are stored for the registration."""
    known = world.documents._provenance.find({"_id": {"$regex": f"/payment_slip/{made['id']}$"}})
    hashes = [row["_id"].partition("/")[0] async for row in known]
    return await world.documents.find_stored(hashes)


async def test_page_takes_the_slip_and_shows_it_to_both_sides(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    reader, clerk = await Reader.signed_in(world, office), await Reader.signed_in(world, desk)
    path = f"/renewal/registrations/{made['id']}/transfer"
    form = (await reader.get(path)).form("/transfer")
    odd = {"file": ("unc.exe", b"MZ not a picture")}
    refused = await reader.client.post(path, data=form.fields | {"memo": "da chuyen"}, files=odd)
    assert refused.status_code == 422
    assert "PDF, JPEG hoặc PNG" in refused.text
    assert "da chuyen" in refused.text, "what was typed stays"
    assert (await _payment(world, made, office))["claim"] is None, "all or nothing"
    for words in ("first", "second"):
        form = (await reader.get(path)).form("/transfer")
        picture = {"file": ("unc.png", sample_slip(words))}
        said = await reader.client.post(path, data=form.fields, files=picture)
        assert said.status_code == 303, said.text
    stands = await _payment(world, made, office)
    assert (stands["status"], stands["paid"], len(stands["slips"])) == ("reported", 0, 2)
    newest = stands["slips"][-1]["sha256"]
    own = (await reader.client.get(path)).text
    assert own.count(f"{path}/slips/") == 2, "the first one is kept"
    listed = await clerk.get("/renewal/desk/payments")
    assert f"{path}/slips/{newest}" in listed.links.values()
    page = await clerk.get(f"/renewal/desk/registrations/{made['id']}/payment")
    assert "chỉ ghi nhận khi thấy tiền trên sao kê" in page.text
    for asker in (reader, clerk):
        seen = await asker.client.get(f"{path}/slips/{newest}")
        assert seen.content.startswith(b"%PDF"), "rendered again, whatever was uploaded"
    other = await Reader.signed_in(world, world.people.renewer(f"{office_ref}-other"))
    await other.get(f"{path}/slips/{newest}", 404)
    await reader.get(f"{path}/slips/{'0' * 64}", 404)


async def test_rest_attaches_once_and_only_to_what_is_claimed(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    office, picture = world.people.renewer(office_ref), sample_slip(made["number"])
    assert problem(await _upload(world, made, picture, "early")) == (409, "nothing-claimed")
    assert await _stored(world, made) == set(), "refused before it is read"
    day = {"paid_on": f"{SystemClock().now():%Y-%m-%d}"}
    claim = f"/v1/registrations/{made['id']}/payment-claim"
    said = await world.client.post(claim, headers=office | {"idempotency-key": "claim"}, json=day)
    assert said.json()["slips"] == []
    pdf = sample_slip(made["number"], "PDF")
    for key in ("one", "one", "another"):
        answer = await _upload(world, made, pdf, key)
        assert (answer.status_code, len(answer.json()["slips"])) == (200, 1), answer.text
    assert problem(await _upload(world, made, picture, "one")) == (422, "idempotency-key-reused")
    assert await _stored(world, made) == {answer.json()["slips"][0]["sha256"]}, "nothing of a refused one"
    file = await world.client.get(answer.json()["slips"][0]["href"], headers=office)
    assert file.content.startswith(b"%PDF")
    bad = await _upload(world, made, pdf[:200], "cut")
    assert problem(bad) == (422, "upload-bad")
