"""A day is closed once, after its end, and a written root never becomes wrong."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from shared.audit.entries import ZEROS
from shared.audit.roots import Root, root_of
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.store import Store
from tests.support.audited_service import archive_of, change_times, run_audited_service
from tests.support.clock import FixedClock
from tests.support.counter import DAY, Counter


@pytest_asyncio.fixture(loop_scope="session")
async def world(settings: Settings) -> AsyncIterator[tuple[Service, Store[Counter], FixedClock]]:
    async with run_audited_service(settings) as made:
        yield made


@pytest.fixture
def source(world: tuple[Service, Store[Counter], FixedClock]) -> Service:
    return world[0]


@pytest.fixture
def store(world: tuple[Service, Store[Counter], FixedClock]) -> Store[Counter]:
    return world[1]


@pytest.fixture
def clock(world: tuple[Service, Store[Counter], FixedClock]) -> FixedClock:
    return world[2]


async def test_days_are_closed_one_after_another(
    source: Service, store: Store[Counter], clock: FixedClock
) -> None:
    roots = archive_of(source).roots
    assert await roots.close() is None
    await change_times(store, "a", 2)
    clock.move_to(DAY + timedelta(days=1) - timedelta(milliseconds=1))
    await change_times(store, "b", 1)
    clock.move_to(DAY + timedelta(days=1))
    await change_times(store, "a", 1)
    await archive_of(source).move()
    clock.move_to(DAY + timedelta(days=3))
    closed = [await roots.close() for _ in range(3)]
    assert all(closed)
    assert await roots.close() is None
    rows = source.database["audit_roots"].find().sort("_id", 1)
    first, second, third = [Root.model_validate(row) async for row in rows]
    assert [first, second, third] == closed
    assert [root.day.day for root in (first, second, third)] == [25, 26, 27]
    assert [(root.count, root.last) for root in (first, second, third)] == [(3, 3), (1, 4), (0, 4)]
    assert (first.previous, second.previous, third.previous) == (ZEROS, first.root, second.root)
    assert first.root == await root_of(source.database["audit"], ZEROS, 1, 3)


async def test_late_entry_belongs_to_the_next_day(
    source: Service, store: Store[Counter], clock: FixedClock
) -> None:
    """The entry was made before midnight and archived after the day was closed: the day's root stays
    right."""
    await change_times(store, "a", 1)
    await archive_of(source).move()
    clock.move_to(DAY + timedelta(days=1))
    first = await archive_of(source).roots.close()
    clock.move_to(DAY)
    await change_times(store, "a", 1)
    await archive_of(source).move()
    clock.move_to(DAY + timedelta(days=2))
    second = await archive_of(source).roots.close()
    assert first
    assert second
    assert (first.last, second.last, second.count) == (1, 2, 1)
    assert first.root == await root_of(source.database["audit"], ZEROS, 1, 1)


async def test_concurrent_closes_of_a_day_write_one_root(
    source: Service, store: Store[Counter], clock: FixedClock
) -> None:
    await change_times(store, "a", 1)
    await archive_of(source).move()
    clock.move_to(DAY + timedelta(days=1))
    closed = await asyncio.gather(*(archive_of(source).roots.close() for _ in range(3)))
    assert len([one for one in closed if one]) == 1
    assert await source.database["audit_roots"].count_documents({}) == 1
