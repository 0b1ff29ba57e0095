"""A lease has one holder at a time; a holder that was paused beyond its end changes nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.background import calls
from shared.background.lease import Lease
from shared.resilience.errors import Conflict
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import EPOCH, connect
from tests.support.counter import counter_store, increment, save_events


@pytest.fixture
async def leases(settings: Settings) -> AsyncIterator[tuple[Lease, Lease]]:
    client = connect(settings.mongo.get_secret_value())
    collection = client[settings.database("a")]["leases"]
    yield Lease(collection, "schedule", "one"), Lease(collection, "schedule", "two")
    client.close()


async def _end(lease: Lease) -> None:
    await lease._leases.update_one({"_id": "schedule"}, {"$set": {"until": EPOCH}})


async def test_second_process_waits_while_the_first_holds_the_lease(leases: tuple[Lease, Lease]) -> None:
    one, two = leases
    assert [await one.acquire(), await two.acquire(), await one.acquire()] == [1, None, 1]


async def test_one_of_many_concurrent_creators_holds_the_lease(leases: tuple[Lease, Lease]) -> None:
    """Guards against: two concurrent inserts of the same missing key."""
    rivals = [Lease(leases[0]._leases, "schedule", str(number)) for number in range(20)]
    epochs = await asyncio.gather(*(rival.acquire() for rival in rivals))
    assert sorted(epochs, key=str) == [1, *[None] * 19]


async def test_standby_process_writes_nothing(leases: tuple[Lease, Lease]) -> None:
    one, two = leases
    await one.acquire()
    before = await one._leases.find_one({"_id": "schedule"})
    assert await two.acquire() is None
    assert await one._leases.find_one({"_id": "schedule"}) == before


async def test_calls_are_heard_by_the_holder_and_on_standby(leases: tuple[Lease, Lease]) -> None:
    heard: list[tuple[str, int]] = []
    collection = leases[0]._leases
    one, two = (
        Lease(collection, calls.LEASE, holder, lambda number, holder=holder: heard.append((holder, number)))  # type: ignore[misc]
        for holder in ("one", "two")
    )
    await calls.call(collection)
    assert await collection.find_one({}) is None, "nobody to call"
    await one.acquire()
    await calls.call(collection)
    assert [await two.acquire(), await one.acquire()] == [None, 1]
    assert heard == [("one", 0), ("two", 1), ("one", 1)]


async def test_ended_lease_is_taken_over_with_a_higher_epoch(leases: tuple[Lease, Lease]) -> None:
    one, two = leases
    await one.acquire()
    await _end(one)
    assert [await two.acquire(), await one.acquire()] == [2, None]


async def test_released_lease_is_free_at_once(leases: tuple[Lease, Lease]) -> None:
    one, two = leases
    await one.acquire()
    await two.release()
    assert await two.acquire() is None
    await one.release()
    assert await two.acquire() == 2


async def test_paused_holder_changes_nothing_after_its_lease_ended(
    leases: tuple[Lease, Lease], settings: Settings
) -> None:
    one, two = leases
    service = Service("subscription", settings)
    store = counter_store(service)
    id = await save_events(store, 1)
    await one.acquire()
    seen = await store.load(id)
    assert seen
    await _end(one)
    await two.acquire()
    await store.change(id, increment, Cause.command())
    with pytest.raises(Conflict):
        await store.save(seen, Decision(increment(seen.state).state), Cause.command(), id=id)
    service.client.close()
