"""A copy never goes back, in whatever order and however often its events come."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
from pydantic import BaseModel

from shared.messaging.routes import Position
from shared.resilience.errors import NotYet
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.projection import Projection


class Copy(BaseModel):
    stage: str
    ends: date | None = None


@pytest.fixture
async def copies(settings: Settings) -> AsyncIterator[Projection[Copy]]:
    service = Service("notifier", settings)
    yield service.projection("copies", Copy)
    service.client.close()


def _at(sequence: int, aggregate: str = "subscription/a") -> Position:
    return Position(aggregate, sequence)


async def test_older_and_repeated_events_change_nothing(copies: Projection[Copy]) -> None:
    await copies.put("a", _at(3), {"stage": "locked", "ends": date(2028, 2, 29)})
    await copies.put("a", _at(2), {"stage": "active"})
    await copies.put("a", _at(3), {"stage": "active"})
    assert await copies.get("a") == Copy(stage="locked", ends=date(2028, 2, 29))
    await copies.put("a", _at(4), {"stage": "active"})
    assert await copies.get("a") == Copy(stage="active", ends=date(2028, 2, 29))


async def test_events_that_come_at_once_for_a_missing_copy_all_count(copies: Projection[Copy]) -> None:
    """Guards against: two concurrent inserts of the same missing key, of which one fails or is lost."""
    fields: list[dict[str, object]] = [{"stage": "locked"}, {"ends": date(2028, 2, 29)}]
    for id in map(str, range(20)):
        writes = (copies.put(id, _at(1, f"source/{n}"), field) for n, field in enumerate(fields))
        await asyncio.gather(*writes)
        assert await copies.get(id) == Copy(stage="locked", ends=date(2028, 2, 29))


async def test_every_source_aggregate_has_its_own_order(copies: Projection[Copy]) -> None:
    await copies.put("a", _at(9), {"stage": "locked"})
    await copies.put("a", _at(1, "renewal/b"), {"stage": "active"})
    found = await copies.get("a")
    assert found
    assert found.stage == "active"


async def test_amending_a_missing_copy_raises_not_yet(copies: Projection[Copy]) -> None:
    with pytest.raises(NotYet, match="copies/a"):
        await copies.amend("a", _at(2), {"stage": "locked"})
    await copies.put("a", _at(1), {"stage": "active"})
    await copies.amend("a", _at(2), {"stage": "locked"})
    await copies.amend("a", _at(1), {"stage": "active"})
    found = await copies.get("a")
    assert found
    assert found.stage == "locked"


async def test_unknown_copy_is_none(copies: Projection[Copy]) -> None:
    assert await copies.get("a") is None
    assert await copies.find({"stage": "active"}) == []
