"""One holder at a time, and what happens to one that wakes up after its time."""

import asyncio
from collections.abc import AsyncIterator

import pytest

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
    kept = client[settings.database("a")]["leases"]
    yield Lease(kept, "schedule", "one"), Lease(kept, "schedule", "two")
    client.close()


async def _end(lease: Lease) -> None:
    await lease._leases.update_one({"_id": "schedule"}, {"$set": {"until": EPOCH}})


async def test_second_holder_waits_and_the_first_goes_on(leases: tuple[Lease, Lease]) -> None:
    one, two = leases
    assert [await one.acquire(), await two.acquire(), await one.acquire()] == [1, None, 1]


async def test_of_several_that_make_the_lease_at_once_one_holds_it(leases: tuple[Lease, Lease]) -> None:
    """Kind of fault: two concurrent inserts of the same missing key."""
    rivals = [Lease(leases[0]._leases, "schedule", str(number)) for number in range(20)]
    epochs = await asyncio.gather(*(rival.acquire() for rival in rivals))
    assert sorted(epochs, key=str) == [1, *[None] * 19]


async def test_who_stands_by_writes_nothing(leases: tuple[Lease, Lease]) -> None:
    one, two = leases
    await one.acquire()
    before = await one._leases.find_one({"_id": "schedule"})
    assert await two.acquire() is None
    assert await one._leases.find_one({"_id": "schedule"}) == before


async def test_ended_lease_is_taken_over_under_a_higher_epoch(leases: tuple[Lease, Lease]) -> None:
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


async def test_holder_that_wakes_up_after_its_lease_ended_changes_nothing(
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
