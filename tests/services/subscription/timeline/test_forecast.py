"""The forecast of stages: page by page, as one CSV, and as counts. All three agree."""

import csv
import io
from collections import Counter
from typing import Any

import pytest

from services.subscription.domain.stages.schedule import StageFacts
from services.subscription.timeline.forecast import ForecastRoutes, ForecastWindow
from shared.runtime.settings import Settings
from shared.text.csv_lines import BOM
from tests.services.subscription.examples import POLICIES, days
from tests.services.subscription.plan_steps import adopt_all
from tests.services.subscription.rest_steps import SUBSCRIPTIONS, ask, create, held_subscription, of, stated
from tests.services.subscription.world import World, world
from tests.support.people import People

Entry = tuple[str, str, str, str]


async def forecast(it: World, **params: Any) -> list[dict[str, Any]]:
    """The entries of all pages."""
    items: list[dict[str, Any]] = []
    while True:
        answer = await it.client.get("/v1/forecast", params=params, headers=it.people.clerk())
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if (next_ := answer.json()["next"]) is None:
            return items
        params["cursor"] = next_


async def counts(it: World, **params: Any) -> list[dict[str, Any]]:
    answer = await it.client.get("/v1/forecast/days", params=params, headers=it.people.clerk())
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def sheet(it: World, **params: Any) -> list[dict[str, str]]:
    answer = await it.client.get("/v1/forecast.csv", params=params, headers=it.people.clerk())
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(BOM)
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def steps(items: list[dict[str, Any]], it: World) -> list[tuple[str, int, str, str]]:
    return sorted(
        (item["office_ref"], day, item["old_stage"], item["new_stage"])
        for item in items
        for day in range(400)
        if item["on"] == (it.today + days(day)).isoformat()
    )


async def test_window_holds_what_comes_in_it_and_nothing_else(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        lefts = {"soon": 9, "far": 400, "expiring": 120, "locked": -5, "last": -20}
        await adopt_all(it, {office: it.today + days(left) for office, left in lefts.items()})
        assert steps(await forecast(it, days=30), it) == [
            ("expiring", 30, "active", "expiring"),
            ("last", 10, "locked", "final_notice"),
            ("locked", 25, "locked", "final_notice"),
            ("soon", 10, "expiring", "locked"),
        ]
        assert steps(await forecast(it, days=29), it)[0][0] == "last"
        assert len(await forecast(it, days=366)) == 4 + 3 + 2 + 2 + 1


async def test_end_that_waits_for_people_says_so(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await adopt_all(it, {"last": it.today - days(20)})
        _, end = await forecast(it, days=60)
        assert (end["new_stage"], end["needs"]) == ("terminated", ["notices", "release"])
        assert (await counts(it, days=60))[1] == {
            "on": (it.today + days(40)).isoformat(),
            "old_stage": "final_notice",
            "new_stage": "terminated",
            "count": 1,
            "waiting": 1,
        }
        it.move_days(70)
        await it.schedule().tick()
        overdue = await forecast(it, days=14)
        assert [(e["on"], e["new_stage"]) for e in overdue] == [
            ((it.today + days(14)).isoformat(), "terminated")
        ], "the earliest day that is still possible, if the notice is given today"


async def test_pages_sheet_and_counts_say_the_same(settings: Settings, people: People) -> None:
    """For offices in several zones, under both tables, with everything that may delay a stage."""
    async with world(settings, people, "api") as it:
        for number, zone in enumerate(["Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "America/Havana"]):
            for policy in ("r117", "pre-r117"):
                lefts = {f"{policy}-{number}-{left}": it.today + days(left) for left in range(-70, 100, 17)}
                await adopt_all(it, lefts, zone=zone, policy=policy)
        await held_subscription(it, "held")
        until = {"until": (it.today + days(33)).isoformat(), "reason": "lũ lụt"}
        for left in (-2, 15):
            assert (await ask(it, "PUT", of(f"r117-0-{left}", "/extension"), until)).is_success
            assert (await ask(it, "PUT", of(f"r117-1-{left}", "/exemption"), until)).is_success
        for window in (1, 30, 90, 366):
            items = await forecast(it, days=window, limit=7)
            whole = [tuple(item.values()) for item in await forecast(it, days=window, limit=200)]
            assert [tuple(item.values()) for item in items] == whole
            assert [(line["subscription_id"], line["on"]) for line in await sheet(it, days=window)] == [
                (item["subscription_id"], item["on"]) for item in items
            ]
            counted = {
                (c["on"], c["old_stage"], c["new_stage"]): (c["count"], c["waiting"])
                for c in await counts(it, days=window)
            }
            every = Counter((item["on"], item["old_stage"], item["new_stage"]) for item in items)
            waiting = Counter(
                (item["on"], item["old_stage"], item["new_stage"]) for item in items if item["needs"]
            )
            assert counted == {key: (count, waiting[key]) for key, count in every.items()}


def test_groups_differ_in_every_field_that_the_stage_depends_on() -> None:
    """A further field there needs a further field in the store's `_KIND`."""
    assert StageFacts._fields == (
        "table", "last_day", "trust", "stage", "told_on", "locked_since", "warned", "notices",
        "last_notice_on", "hold", "released_on", "registering", "disputed", "granted",
    )  # fmt: skip


async def test_forecast_of_one_product(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 9)
        other = stated("dv-1", it.today + days(12), product_code="kt")
        assert (await ask(it, "POST", SUBSCRIPTIONS, other)).is_success
        for product, day in (("qlts", 10), ("kt", 13)):
            (item,) = await forecast(it, product_code=product)
            assert (item["product_code"], item["on"]) == (product, (it.today + days(day)).isoformat())
            assert [count["on"] for count in await counts(it, product_code=product)] == [item["on"]]
            assert [line["on"] for line in await sheet(it, product_code=product)] == [item["on"]]
        assert await forecast(it, product_code="none") == []


async def test_sheet_of_many_is_read_a_few_hundred_at_a_time(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await adopt_all(it, {f"dv-{n}": it.today + days(9) for n in range(1201)})
        window, service = ForecastWindow(days=30), it.service
        lines = [
            line async for line in ForecastRoutes(it.subscriptions, POLICIES, service.clock).lines(window)
        ]
        assert len(b"".join(lines).splitlines()) == 1202
        assert max(len(line) for line in lines) < 100_000, "flat, however many"
        assert (await counts(it, days=30))[0]["count"] == 1201


async def test_damaged_subscription_hides_no_other(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await adopt_all(it, {f"dv-{n}": it.today + days(9) for n in range(3)})
        collection = it.service.database["subscriptions"]
        await collection.update_one({"office_ref": "dv-1"}, {"$set": {"licence.zone": 5}})
        assert {item["office_ref"] for item in await forecast(it)} == {"dv-0", "dv-2"}
        assert len(await sheet(it)) == 2
        assert [count["count"] for count in await counts(it)] == [2]


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"days": 0}, "/query/days"),
        ({"days": 367}, "/query/days"),
        ({"days": "soon"}, "/query/days"),
        ({"limit": 201}, "/query/limit"),
        ({"cursor": "x"}, "/query/cursor"),
        ({"dayz": 3}, "/query/dayz"),
    ],
)
async def test_wrong_parameter_is_named(
    settings: Settings, people: People, params: dict[str, Any], pointer: str
) -> None:
    async with world(settings, people, "api") as it:
        answer = await it.client.get("/v1/forecast", params=params, headers=it.people.clerk())
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_people_of_offices_may_not_ask(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        for path in ("/v1/forecast", "/v1/forecast/days", "/v1/forecast.csv"):
            assert (await it.client.get(path)).status_code == 401
            assert (await it.client.get(path, headers=it.people.renewer("dv-1"))).status_code == 403
            assert (await ask(it, "GET", path)).status_code == 200
