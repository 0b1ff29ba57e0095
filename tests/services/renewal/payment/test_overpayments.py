"""Money that isn't due, over REST and on the desk's page, page by page."""

from typing import Any

import pytest

from services.renewal.payment.pages import desk as payment_desk
from shared.ids import fresh
from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.world import World
from tests.support.people import Headers

pytestmark = pytest.mark.usefixtures("rendered_once")

OVER = "/v1/desk/payments/over"


async def _pay(world: World, made: dict[str, Any], desk: Headers, amount: int) -> dict[str, Any]:
    money = {"amount": amount, "received_on": f"{SystemClock().now():%Y-%m-%d}", "reference": f"{fresh()}"}
    path, key = f"/v1/registrations/{made['id']}/receipts", {"idempotency-key": str(fresh())}
    answer = await world.client.post(path, headers=desk | key, json=money)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _give_back(world: World, made: dict[str, Any], desk: Headers, receipt: dict[str, Any]) -> None:
    path = f"/v1/registrations/{made['id']}/receipts/{receipt['id']}/reversal"
    body = {"reason": "chuyển thừa", "refunded": True}
    answer = await world.client.post(path, headers=desk | {"idempotency-key": str(fresh())}, json=body)
    assert answer.status_code == 200, answer.text


async def _all(world: World, desk: Headers) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        answer = await world.client.get(OVER, headers=desk, params={"limit": 1, "after": after})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["overpayments"]) <= 1
        found += page["overpayments"]
        after = page["after"]
    return found


async def test_each_is_on_one_page_with_what_is_over_and_what_was_given_back(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, desk = renewal_world, renewal_world.people.headers(Role.DESK)
    first, second = [await registered(world, f"{office_ref}-{n}") for n in (1, 2)]
    for made in (first, second):
        await _pay(world, made, desk, made["order"]["total"] + 1_000)
    paid = await _pay(world, second, desk, 500)
    await _give_back(world, second, desk, paid["receipts"][-1])

    found = await _all(world, desk)
    since = [each["over_since"] for each in found]
    assert since == sorted(since), "the longest waiting first"
    ours = [each for each in found if each["office_ref"].startswith(office_ref)]
    assert [each["registration_no"] for each in ours] == [first["number"], second["number"]]
    assert [each["payment"]["over"] for each in ours] == [1_000, 1_000]
    assert [each["refunded"] for each in ours] == [0, 500]
    assert {each["payment"]["status"] for each in ours} == {"paid"}

    monkeypatch.setattr(payment_desk, "_MOST", 1)
    clerk = await Reader.signed_in(world, desk)
    page = await clerk.get("/renewal/desk/payments")
    shown = set(page.links)
    while address := page.links.get("Các khoản tiếp theo"):
        page = await clerk.get(address.partition("#")[0])
        shown |= set(page.links)
    assert {first["number"], second["number"]} <= shown

    for made in (first, second):
        answer = await world.client.get(f"/v1/registrations/{made['id']}/payment", headers=desk)
        (receipt,) = [each for each in answer.json()["receipts"] if not each["reversed"]]
        await _give_back(world, made, desk, receipt)
    left = await _all(world, desk)
    assert not [each for each in left if each["office_ref"].startswith(office_ref)]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"after": "gestern"}, {"office": "x"}])
async def test_a_query_that_cant_be_read_is_refused(renewal_world: World, query: dict[str, Any]) -> None:
    desk = renewal_world.people.headers(Role.DESK)
    answer = await renewal_world.client.get(OVER, headers=desk, params=query)
    assert answer.status_code == 422
    page = await Reader.signed_in(renewal_world, desk)
    await page.get("/renewal/desk/payments?over_after=gestern", 404)
