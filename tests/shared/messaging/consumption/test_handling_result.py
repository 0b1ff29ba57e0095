"""The effects of a message are recorded by document, if somebody asked for them."""

from uuid import UUID

import pytest
from pydantic import BaseModel

from shared.ids import fresh
from shared.messaging.consumption.handling_result import Effect, current_recorder, record_effects
from shared.messaging.envelope import Position
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import Database
from shared.storage.projection import Projection
from tests.support.counter import Counter, counter_store, increment


class Copy(BaseModel):
    stage: str


@pytest.fixture
async def service(settings: Settings) -> Service:
    return Service("notifier", settings)


def _cause(id: UUID) -> Cause:
    return Cause(message_id=id, correlation_id=id)


async def test_store_records_change_repeat_and_no_change(service: Service) -> None:
    store, id, other = counter_store(service), fresh(), fresh()
    with record_effects(id) as first:
        await store.change("a", increment, _cause(id))
    with record_effects(id) as again:
        await store.change("a", increment, _cause(id))
    with record_effects(other) as nothing:
        await store.change("a", lambda state: Decision(state or Counter()), _cause(other))
    assert first.effects == {"counters/a": Effect.CHANGED}
    assert again.effects == {"counters/a": Effect.HANDLED}
    assert nothing.effects == {"counters/a": Effect.UNCHANGED}
    service.client.close()


async def test_change_is_not_hidden_by_a_later_repeat(service: Service) -> None:
    store, id = counter_store(service), fresh()
    with record_effects(id) as outcome:
        for _ in range(2):
            await store.change("a", increment, _cause(id))
    assert outcome.effects == {"counters/a": Effect.CHANGED}
    service.client.close()


async def test_projection_records_change_and_older_events(service: Service) -> None:
    copies = Projection(service.database["copies"], Copy)
    with record_effects(fresh()) as new:
        await copies.write([copies.put("a", Position("s/1", 2), {"stage": "locked"})])
    with record_effects(fresh()) as old:
        await copies.write([copies.put("a", Position("s/1", 1), {"stage": "active"})])
    with record_effects(fresh()) as amended:
        await copies.write([copies.amend("a", Position("s/1", 2), {"stage": "active"})])
    with record_effects(fresh()) as early:
        assert await copies.write([copies.amend("b", Position("s/1", 3), {"stage": "active"})])
    assert [one.effects for one in (new, old, amended, early)] == [
        {"copies/a": Effect.CHANGED},
        {"copies/a": Effect.NEWER},
        {"copies/a": Effect.NEWER},
        {},
    ]
    service.client.close()


async def test_without_a_recorder_nothing_is_recorded(service: Service) -> None:
    database: Database = service.database
    copies = Projection(database["copies"], Copy)
    await copies.write([copies.put("a", Position("s/1", 1), {"stage": "locked"})])
    with record_effects(fresh()):
        assert current_recorder()
    assert current_recorder() is None
    service.client.close()
