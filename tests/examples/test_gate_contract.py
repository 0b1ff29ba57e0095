"""Tests both examples for platforms against the real service: its gate over HTTP, and its relayed topic."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import uvicorn

from deploy.local.host.ports import free_port
from docs.examples.access_gate import read_answer
from docs.examples.access_table import AccessTable, Row, Rows, read_row
from shared.events.base import Stage
from shared.ids import subscription_id
from shared.runtime.settings import Settings
from tests.examples.product import FULL, OFFICE, PRODUCT, Product
from tests.services.subscription.examples import days
from tests.services.subscription.plan_steps import adopt_all
from tests.services.subscription.world import World, world
from tests.support.clock import FixedClock
from tests.support.people import People
from tests.support.service_process import until
from tests.support.topic import records


@pytest.fixture
def people(settings: Settings) -> People:
    return People(Path(settings.jwks))


@asynccontextmanager
async def served(it: World) -> AsyncIterator[str]:
    """The service's app behind a real HTTP server."""
    transport = cast("httpx.ASGITransport", it.client._transport)
    config = uvicorn.Config(cast("Any", transport.app), port=free_port(), lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started, "the server")
    try:
        yield f"http://127.0.0.1:{config.port}"
    finally:
        server.should_exit = True
        await serving


async def test_middleware_goes_by_the_real_gate(settings: Settings, people: People) -> None:
    connections = httpx.AsyncHTTPTransport()
    async with world(settings, people, "api") as it, served(it) as url, connections:
        await adopt_all(it, {OFFICE: it.today + days(3), "locked": it.today - days(5)})
        clock = FixedClock(datetime.now(UTC))  # noqa: TID251  the gate's Date is real
        behind = Product(connections, url=url, clock=clock)
        assert await behind.let_in()
        assert await behind.let_in(office="nobody"), "the gate doesn't know it"
        refused = await behind.ask(office="locked")
        gate = (await it.access("locked"))["products"][0]
        assert (refused.status_code, refused.json()["stage"]) == (403, "locked")
        assert list(refused.json()["reason"].values()) == gate["reason"]


async def test_gate_gives_its_clock_also_where_nothing_is_new(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it, served(it) as url, httpx.AsyncClient() as client:
        await adopt_all(it, {OFFICE: it.today + days(3)})
        first = await client.get(f"{url}/v1/access/{OFFICE}/{PRODUCT}")
        again = await client.get(str(first.url), headers={"if-none-match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        for answer in (first, again):
            apart = parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)  # noqa: TID251
            assert abs(apart) < timedelta(minutes=5)
            assert answer.headers["etag"] == first.headers["etag"]


async def test_product_locks_at_midnight_by_the_real_steps(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await adopt_all(it, {OFFICE: it.today})
        body = await it.access(OFFICE)
        answer = read_answer(body, "", it.service.clock.now(), OFFICE, PRODUCT)
        midnight = datetime.fromisoformat(body["products"][0]["valid_until"])
        assert answer.in_force(midnight - timedelta(microseconds=1)).access == FULL
        assert (answer.in_force(midnight).name, answer.in_force(midnight).access) == ("locked", [])
        assert [stage.name for stage in answer.stages] == ["expiring", "locked", "final_notice"]


async def rows(it: World) -> dict[bytes, Row]:
    """The newest row of each subscription, from records that the example's code reads."""
    topic = it.service.names.compacted("subscription", "access")
    found: dict[bytes, Row] = {}
    for record in await records(it.service.settings.kafka, topic):
        row = read_row(dict(record.headers), record.value)
        if record.key not in found or row.sequence > found[record.key].sequence:
            found[record.key] = row
    return found


async def test_relayed_record_says_what_the_gate_says(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        lefts = {"far": 200, "near": 3, "last": 0, "locked": -5, "final": -40}
        await adopt_all(it, {office: it.today + days(left) for office, left in lefts.items()})
        await it.wait_until_idle()

        async def all_there() -> dict[bytes, Row] | None:
            found = await rows(it)
            return found if len(found) == len(lefts) else None

        found = await until(all_there, "a record of each subscription")
        for office in lefts:
            gate = (await it.access(office))["products"][0]
            row = found[str(subscription_id(office, PRODUCT)).encode()]
            assert row.name == (office, PRODUCT)
            assert row.access == frozenset(gate["access"])
            steps = [(datetime.fromisoformat(s["starts_at"]), frozenset(s["access"])) for s in gate["steps"]]
            assert [(step.starts_at, step.access) for step in row.steps] == steps


async def test_table_follows_the_service_over_midnight_and_back(settings: Settings, people: People) -> None:
    """The table's own change at midnight equals what the scheduler records for midnight."""
    async with world(settings, people) as it:
        await adopt_all(it, {OFFICE: it.today})
        topic = it.service.names.compacted("subscription", "access")
        table = AccessTable(it.service.clock.now)
        reading = asyncio.create_task(table.follow(it.service.settings.kafka, topic))
        try:
            await until(lambda: table_says(table, it, FULL), "the first decision")
            it.move_days(1)
            assert table.access(OFFICE, PRODUCT, it.service.clock.now()) == frozenset()
            await it.wait_until_idle()
            assert (await it.subscription(OFFICE)).stage is Stage.LOCKED
            await until(lambda: table_says(table, it, []), "the decision of midnight")
        finally:
            reading.cancel()
            await asyncio.wait([reading])


async def table_says(table: AccessTable, it: World, access: list[str]) -> bool:
    rows: Rows = table._rows
    known = rows.get((OFFICE, PRODUCT)) is not None
    return known and table.access(OFFICE, PRODUCT, it.service.clock.now()) == frozenset(access)
