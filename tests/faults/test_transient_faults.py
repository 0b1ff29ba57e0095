"""Transient faults: they end by themselves; nothing is given up because of them, and no process ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.local.host.ports import HOST, free_port
from services.notifier import main as notifier
from services.notifier.settings import NotifierSettings
from services.renewal import main as renewal
from services.renewal.settings import RenewalSettings
from services.subscription import main as subscription
from services.subscription.settings import SubscriptionSettings
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.background.lease import TTL_SECONDS, Lease
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.mongo import Collection
from tests.support.counter import counter_store, expiring, save_events
from tests.support.people import People
from tests.support.reader import run_reader
from tests.support.service_process import run_service, until
from tests.support.topic import raw

_STEPPED_DOWN = {"code": 11602, "errmsg": "interrupted: the primary stepped down"}
_TIMES = 4
"""More than the driver itself retries."""
_COMMANDS = ["find", "findAndModify", "update", "insert", "aggregate", "getMore", "delete"]
_MANY = 150
"""Enough failures that every loop has had some."""


@asynccontextmanager
async def failing(
    collection: Collection, command: str, *, times: int = _TIMES, **data: Any
) -> AsyncIterator[None]:
    """The server fails the next few of these commands on the collection."""
    place = f"{collection.database.name}.{collection.name}"
    admin = collection.database.client.admin
    fail_point = {"failCommands": [command], "namespace": place, **data}
    await admin.command({"configureFailPoint": "failCommand", "mode": {"times": times}, "data": fail_point})
    try:
        yield
    finally:
        await admin.command({"configureFailPoint": "failCommand", "mode": "off"})


@pytest.mark.parametrize(
    ("command", "data"),
    [
        pytest.param("update", {"writeConcernError": _STEPPED_DOWN}, id="step-down in mid-write"),
        pytest.param("update", {"errorCode": 14031}, id="disk full"),
        pytest.param("find", {"errorCode": 134}, id="majority reads not possible yet"),
        pytest.param("find", {"errorCode": 262}, id="time limit exceeded"),
    ],
)
async def test_no_record_dies_of_a_database_fault_that_passes(
    settings: Settings, command: str, data: dict[str, Any]
) -> None:
    async with run_reader(settings) as reader:
        await reader.publish(raw(expiring(1), sequence=1))
        await reader.until_counted(1)
        async with failing(reader.store.collection, command, **data):
            await reader.publish(raw(expiring(1), sequence=2), raw(expiring(2)))

            async def through() -> bool:
                return bool(await reader.committed() == 3)

            await until(through, "the second record settled")
        assert await reader.dead() == []
        assert (await reader.count_of(1), await reader.count_of(2)) == (2, 1)


async def test_a_relay_outlives_a_step_down_that_interrupts_its_removal(settings: Settings) -> None:
    service, other = Service("subscription", settings), Service("subscription", settings)
    counter_store(service)
    store = counter_store(other)  # whose driver hears nothing of the step-down
    async with run_service(service, Plan(Routes(), []), "worker"):  # which fails where a loop died
        async with failing(store.collection, "update", times=1, writeConcernError=_STEPPED_DOWN):
            await save_events(store, 1)
            await save_events(store, 2)

            async def empty() -> bool:
                return not await store.collection.count_documents({"outbox.at": {"$exists": True}})

            await until(empty, "empty outboxes")
        await save_events(store, 3)
        await until(empty, "empty outboxes again")
    other.client.close()


@pytest.mark.parametrize(
    "name",
    ["renewal", *(pytest.param(name, marks=pytest.mark.sweep) for name in ("subscription", "notifier"))],
)
async def test_no_loop_ends_of_a_database_that_gives_up_every_request(
    settings: Settings, name: str, tmp_path: Path
) -> None:
    """Guards against: one of many loops does not know an error code, and ends its process again and again."""
    People(tmp_path / "jwks.json")
    service, plan = _composed(name, settings)
    async with run_service(service, plan) as client:

        async def ready() -> bool:
            return (await client.get("/health/ready")).status_code == 200

        await until(ready, "all loops have begun")
        admin = service.client.admin
        fault = {"failCommands": _COMMANDS, "errorCode": 262}
        began = await admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": fault})
        await admin.command(
            {"waitForFailPoint": "failCommand", "timesEntered": began["count"] + _MANY, "maxTimeMS": 60_000}
        )
        await admin.command({"configureFailPoint": "failCommand", "mode": "off"})
        await until(ready, "all loops well again")
    service.client.close()


def _composed(name: str, settings: Settings) -> tuple[Service, Plan]:
    values = settings.model_dump()
    match name:
        case "subscription":
            return subscription.compose(SubscriptionSettings(**values, tick_seconds=0.2, look_seconds=0.2))
        case "notifier":
            return notifier.compose(NotifierSettings(**values, smtp_port=free_port()))
        case _:
            return renewal.compose(RenewalSettings(**values, collect_seconds=0.2))


async def test_a_service_finds_its_brokers_by_any_of_several_addresses(settings: Settings) -> None:
    several = f"{HOST}:{free_port()},{settings.kafka}"
    async with run_reader(settings.model_copy(update={"kafka": several})) as reader:
        await reader.publish(raw(expiring(1)))
        await reader.until_counted(1)


async def test_a_process_whose_clock_is_wrong_leaves_the_turn_to_another(settings: Settings) -> None:
    service = Service("subscription", settings)
    leases, worked = service.database["leases"], asyncio.Event()

    async def step(check_leadership: CheckLeadership) -> bool:
        worked.set()
        return False

    def leader_loop(holder: str, *, right: bool) -> LeaderLoop:
        return LeaderLoop("schedule", Lease(leases, "schedule", holder), lambda: right, 0.1)

    wrong = leader_loop("wrong", right=False)
    assert await wrong.lease.hold()
    heartbeat = Heartbeat("schedule", limit=30)
    both = [asyncio.create_task(t.run(step, heartbeat)) for t in (wrong, leader_loop("right", right=True))]
    try:
        async with asyncio.timeout(3 * TTL_SECONDS):
            await worked.wait()
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)
        service.client.close()
