"""Contract numbers on the real database: gapless, unique, and the same again for the same renewal."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest

from services.renewal.contract.number_allocation import INDEXES, ContractNumbers
from shared.ids import fresh
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.mongo import Collection

ZONE = "Asia/Ho_Chi_Minh"
AT = datetime.fromisoformat("2026-12-31T16:55:00Z")
NEXT_YEAR = AT + timedelta(minutes=10)


@pytest.fixture
async def collection(settings: Settings) -> AsyncIterator[Collection]:
    service = Service("renewal", settings)
    kept = service.collection("numbers")
    await kept.create_indexes(list(INDEXES))
    yield kept
    service.client.close()


async def test_two_processes_at_once_leave_no_gap_and_no_double(collection: Collection) -> None:
    processes = [ContractNumbers(collection), ContractNumbers(collection)]
    renewals = [fresh() for _ in range(40)]
    given = await asyncio.gather(
        *(processes[n % 2].allocate(id, AT, ZONE) for n, id in enumerate(renewals)),
        *(processes[1 - n % 2].allocate(id, AT, ZONE) for n, id in enumerate(renewals)),
    )
    first, second = given[:40], given[40:]
    assert sorted(each.number.n for each in first) == list(range(1, 41))
    assert first == second


async def test_number_and_date_stay_and_each_year_begins_at_one(collection: Collection) -> None:
    numbers, renewal = ContractNumbers(collection), fresh()
    first = await numbers.allocate(renewal, AT, ZONE)
    later = await numbers.allocate(renewal, NEXT_YEAR, ZONE)
    assert later == first
    assert first.at == AT
    assert str(first.number) == "000001/2026/HĐ-GH"
    other = await numbers.allocate(fresh(), NEXT_YEAR, ZONE)
    assert (str(other.number), other.dated) == ("000001/2027/HĐ-GH", date(2027, 1, 1))


async def test_number_without_a_time_counts_from_the_start_of_its_day(collection: Collection) -> None:
    """An allocation of a release that stored no time."""
    renewal = fresh()
    kept = {"_id": {"year": 2026, "n": 1}, "renewal": str(renewal), "dated": "2026-03-05"}
    await collection.insert_one(kept)
    found = await ContractNumbers(collection).allocate(renewal, AT, ZONE)
    assert (found.dated, found.at) == (date(2026, 3, 5), datetime.fromisoformat("2026-03-04T17:00:00Z"))


async def test_voided_number_stays_and_the_next_contract_gets_another(collection: Collection) -> None:
    """Guards against: a registration whose contract can't be sealed could never get another one."""
    numbers, renewal = ContractNumbers(collection), fresh()
    first = await numbers.allocate(renewal, AT, ZONE)
    anew = [await numbers.allocate(renewal, NEXT_YEAR, ZONE, void=1) for _ in range(2)]
    assert [str(each.number)[:11] for each in (first, *anew)] == ["000001/2026", "000001/2027", "000001/2027"]
    assert await numbers.allocate(renewal, NEXT_YEAR, ZONE) == first
