"""Contract numbers on the real database: gapless, unique, and the same again for the same renewal."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from services.renewal.numbers import INDEXES, Numbers
from shared.ids import fresh
from shared.mongo import Collection
from shared.service import Service
from shared.settings import Settings

DAY = date(2026, 12, 31)


@pytest.fixture
async def collection(settings: Settings) -> AsyncIterator[Collection]:
    service = Service("renewal", settings)
    kept = service.collection("numbers")
    await kept.create_indexes(list(INDEXES))
    yield kept
    service.client.close()


async def test_two_processes_at_once_leave_no_gap_and_no_double(collection: Collection) -> None:
    processes = [Numbers(collection), Numbers(collection)]
    renewals = [fresh() for _ in range(40)]
    given = await asyncio.gather(
        *(processes[n % 2].allocate(id, DAY) for n, id in enumerate(renewals)),
        *(processes[1 - n % 2].allocate(id, DAY) for n, id in enumerate(renewals)),
    )
    first, second = given[:40], given[40:]
    assert sorted(each.number.n for each in first) == list(range(1, 41))
    assert first == second


async def test_number_and_date_stay_and_each_year_begins_at_one(collection: Collection) -> None:
    numbers, renewal = Numbers(collection), fresh()
    first = await numbers.allocate(renewal, DAY)
    later = await numbers.allocate(renewal, date(2027, 1, 1))
    assert later == first
    assert str(first.number) == "000001/2026/HĐ-GH"
    other = await numbers.allocate(fresh(), date(2027, 1, 1))
    assert (str(other.number), other.dated) == ("000001/2027/HĐ-GH", date(2027, 1, 1))
