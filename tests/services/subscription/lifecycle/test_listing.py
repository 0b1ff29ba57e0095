"""The list of subscriptions: filters, pages, and the indexes that they use."""

from typing import Any

from shared.runtime.settings import Settings
from tests.services.subscription.examples import days
from tests.services.subscription.rest_steps import (
    SUBSCRIPTIONS,
    ask,
    create,
    disputed_subscription,
    field_errors,
    held_subscription,
)
from tests.services.subscription.world import World, world
from tests.support.people import People


async def listed(it: World, size: int = 200, **filters: Any) -> list[str]:
    """The offices on all pages. Every page but the last is full."""
    offices: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        query = "&".join(f"{name}={value}" for name, value in {**filters, **cursor, "limit": size}.items())
        answer = await ask(it, "GET", f"{SUBSCRIPTIONS}?{query}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        offices += [item["office_ref"] for item in page["items"]]
        if page["next"] is None:
            return offices
        assert len(page["items"]) == size
        cursor = {"cursor": page["next"]}


async def test_filters_find_what_they_say(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "active", 200)
        await create(it, "soon", 20)
        await create(it, "soon", 20, product_code="kt")
        await create(it, "locked", -10)
        await held_subscription(it, "held")
        await disputed_subscription(it, "disputed")
        soon, everyone = it.today + days(20), ["active", "soon", "soon", "locked", "held", "disputed"]
        cases: list[tuple[dict[str, Any], list[str]]] = [
            ({}, everyone),
            ({"stage": "locked"}, ["locked"]),
            ({"stage": "active"}, ["active", "held"]),
            ({"product_code": "kt"}, ["soon"]),
            ({"office_ref": "soon"}, ["soon", "soon"]),
            ({"office_ref": "soon", "product_code": "kt", "stage": "expiring"}, ["soon"]),
            ({"held": "true"}, ["held"]),
            ({"held": "false", "stage": "active"}, ["active"]),
            ({"disputed": "true"}, ["disputed"]),
            ({"disputed": "false"}, [office for office in everyone if office != "disputed"]),
            ({"expires_before": soon}, ["locked", "held", "disputed"]),
            ({"expires_after": soon}, ["active"]),
            ({"expires_after": soon - days(1), "expires_before": soon + days(1)}, ["soon", "soon"]),
            ({"ends_before": it.today + days(51)}, ["locked"]),
            ({"office_ref": "nobody"}, []),
        ]
        for filters, expected in cases:
            assert sorted(await listed(it, **filters)) == sorted(expected), filters


async def test_pages_bring_each_once_also_where_many_end_on_one_day(
    settings: Settings, people: People
) -> None:
    orders: list[dict[str, str]] = [
        {},
        {"stage": "expiring"},
        {"product_code": "qlts"},
        {"expires_after": "2020-01-01"},
        {"ends_before": "2099-01-01"},
    ]
    async with world(settings, people, "api") as it:
        offices = [f"dv-{number}" for number in range(11)]
        for number, office in enumerate(offices):
            await create(it, office, 30 + number // 7)
        for filters in orders:
            assert sorted(await listed(it, 3, **filters)) == sorted(offices), filters


async def test_one_that_comes_or_goes_between_pages_takes_none_of_the_others(
    settings: Settings, people: People
) -> None:
    """Guards against: pages counted by offset skip a row when an earlier one leaves the list."""
    async with world(settings, people, "api") as it:
        for number in range(6):
            await create(it, f"dv-{number}", 30)
        first = (await ask(it, "GET", f"{SUBSCRIPTIONS}?limit=3")).json()
        seen = [item["id"] for item in first["items"]]
        collection = it.service.database["subscriptions"]
        await collection.delete_one({"_id": seen[0]})
        rest = (await ask(it, "GET", f"{SUBSCRIPTIONS}?limit=3&cursor={first['next']}")).json()
        everyone = {document["_id"] async for document in collection.find({}, {"_id": 1})}
    assert {*seen, *(item["id"] for item in rest["items"])} == {*everyone, seen[0]}
    assert rest["next"] is None


async def test_a_damaged_one_does_not_hide_the_others(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        for number in range(4):
            await create(it, f"dv-{number}", 30)
        collection = it.service.database["subscriptions"]
        await collection.update_one({"office_ref": "dv-1"}, {"$set": {"stage": "gone"}})
        await collection.update_one({"office_ref": "dv-2"}, {"$set": {"licence.name": 5}})
        found = []
        cursor = ""
        for _ in range(4):
            page = (await ask(it, "GET", f"{SUBSCRIPTIONS}?limit=1{cursor}")).json()
            found += [item["office_ref"] for item in page["items"]]
            cursor = f"&cursor={page['next']}"
    assert sorted(found) == ["dv-0", "dv-3"]
    assert page["next"] is None


async def test_a_filter_we_do_not_know_is_named(settings: Settings, people: People) -> None:
    async def wrong(query: str) -> set[tuple[str, str]]:
        return field_errors(await ask(it, "GET", f"{SUBSCRIPTIONS}?{query}"))

    async with world(settings, people, "api") as it:
        for number in range(2):
            await create(it, f"dv-{number}", 30)
        assert await wrong("stages=locked") == {("/query/stages", "extra_forbidden")}
        assert await wrong("stage=shut") == {("/query/stage", "enum")}
        assert await wrong("limit=201") == {("/query/limit", "less_than_equal")}
        assert await wrong("expires_before=31/12/2026") == {
            ("/query/expires_before", "date_from_datetime_parsing")
        }
        by_day = await ask(it, "GET", f"{SUBSCRIPTIONS}?limit=1&expires_after=2020-01-01")
        for cursor in (by_day.json()["next"], "x", "e30=", "WyJfaWQiLDEsMl0=", "%00", "é"):
            assert await wrong(f"cursor={cursor}") == {("/query/cursor", "cursor")}, cursor


ALONG: list[tuple[dict[str, str], str]] = [
    ({}, "_id_"),
    ({"stage": "expiring", "product_code": "qlts"}, "stage"),
    ({"product_code": "qlts"}, "product"),
    ({"office_ref": "dv-1", "expires_after": "2020-01-01"}, "office"),
    ({"expires_after": "2020-01-01", "expires_before": "2099-01-01", "stage": "expiring"}, "expires"),
    ({"ends_before": "2099-01-01"}, "ends"),
    ({"held": "true"}, "held"),
    ({"disputed": "true"}, "disputed"),
]
"""Filters, and the index that serves them."""


async def test_a_page_reads_little_more_than_it_shows(settings: Settings, people: People) -> None:
    """Also for the later pages, with many that end on the same day."""
    async with world(settings, people, "api") as it:
        for number in range(9):
            await create(it, f"dv-{number}", 30)
        await held_subscription(it, "held")
        await disputed_subscription(it, "disputed")
        for filters, index in ALONG:
            reads = await _profiled(it, filters)
            assert {read["command"]["hint"] for read in reads} == {index}
            assert max(read["docsExamined"] for read in reads) <= 4, (filters, reads)


async def _profiled(it: World, filters: dict[str, str]) -> list[dict[str, Any]]:
    """The database's profile of the queries behind pages of 2."""
    database = it.service.database
    await database.command("profile", 2)
    await listed(it, 2, **filters)
    await database.command("profile", 0)
    pages = {"op": "query", "command.find": "subscriptions", "command.limit": 3}
    found: list[dict[str, Any]] = await database["system.profile"].find(pages).to_list(None)
    await database["system.profile"].drop()
    return found
