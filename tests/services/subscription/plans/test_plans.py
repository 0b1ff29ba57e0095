"""Each day's plan is published ahead."""

from datetime import date, timedelta
from hashlib import sha256

from shared.ids import subscription_id
from shared.runtime.settings import Settings
from shared.web.people import Role
from tests.services.subscription.examples import days
from tests.services.subscription.plan_steps import about_to_end, adopt_all, listed, plan, versions
from tests.services.subscription.world import world
from tests.support.people import People
from tests.support.service_process import until


async def test_plan_is_published_seven_days_and_one_day_ahead(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        start = it.today
        await adopt_all(it, {f"dv-{n}": start + days(6 + n % 2) for n in range(10)})
        first = await versions(it, 7)
        assert {(v["day"], v["ahead"]) for v in first} == {
            (str(start + days(1)), 1),
            *((str(start + days(n)), 7) for n in range(2, 8)),
        }
        ids = sorted(str(subscription_id(f"dv-{n}", "qlts")) for n in range(0, 10, 2))
        expected = sha256("".join(f"{id} expiring locked\n" for id in ids).encode()).hexdigest()
        week = next(v for v in first if v["day"] == str(start + days(7)))
        assert week["figures"]["changes"] == [{"from": "expiring", "to": "locked", "count": 5}]
        assert week["figures"]["hash"] == expected
        for _ in range(6):
            it.move_days(1)
            await it.wait_until_idle()
            await versions(it, 7 + 2 * (it.today - start).days)
        eve = next(v for v in await versions(it, 19) if (v["day"], v["ahead"]) == (week["day"], 1))
        assert eve["figures"] == week["figures"]
        assert week["published_at"] < eve["published_at"]
        published = await versions(it, 19)
        assert [v for v in published if v["ahead"] == 7 and v["day"] == week["day"]] == [week]


async def test_a_service_that_was_down_publishes_what_is_left_to_publish(
    settings: Settings, people: People
) -> None:
    async with world(settings, people) as it:
        await versions(it, 7)
    async with world(settings, people) as it:
        it.move_days(4)
        found = await versions(it, 12)
        ahead = {(date.fromisoformat(v["day"]) - it.today).days: v["ahead"] for v in found}
    assert [ahead[n] for n in range(2, 8)] == [7] * 6


async def test_published_list_of_a_day_that_has_passed_can_be_read(
    settings: Settings, people: People
) -> None:
    async with world(settings, people) as it:
        end = await about_to_end(it, "an", "binh")
        await until(lambda: it.service.database["plans"].find_one({"day": str(end), "ahead": 7}), "the plan")
        it.move_days(8)
        rows = await listed(it, end)
        unknown = await it.client.get(
            f"/v1/plans/{end - timedelta(days=300)}",
            headers=people.headers(Role.OPS) | {"accept": "text/csv"},
        )
    assert [row["office_ref"] for row in rows] == sorted(
        ("an", "binh"), key=lambda office: str(subscription_id(office, "qlts"))
    )
    assert unknown.status_code == 404


async def test_damaged_documents_do_not_hold_up_a_plan(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        end = await about_to_end(it, "an", "binh")
        collection = it.service.database["subscriptions"]
        await collection.update_one({"office_ref": "binh"}, {"$set": {"licence.users": "many"}})
        assert (await plan(it, end))["present"]["terminations"] == 1


async def test_days_at_the_end_of_the_calendar_and_too_many_of_them(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        ops = people.headers(Role.OPS)
        last = await it.client.get("/v1/plans", params={"from": "9999-12-30"}, headers=ops)
        assert (last.status_code, last.json()) == (200, [])
        assert (await plan(it, date.max))["present"] is None
        span = {"from": "2026-01-01", "to": "2026-06-01"}
        answer = await it.client.get("/v1/plans", params=span, headers=ops)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/to")
