"""Every saved event is published, in order per aggregate, although processes die, or two believe to lead."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
import pytest_asyncio
from aiokafka.errors import ProducerFenced
from pymongo.errors import AutoReconnect

from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.events.base import Event
from shared.messaging import relay
from shared.messaging.relay import Relay
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.aggregate import Cause, Decision
from shared.storage.store import Store
from tests.support.clock import FixedClock
from tests.support.counter import DAY, Counter, counter_store, expiring, save_events
from tests.support.reader import run_reader
from tests.support.service_process import run_service, until
from tests.support.topic import committed


@pytest_asyncio.fixture(loop_scope="session")
async def source(settings: Settings) -> AsyncIterator[Service]:
    service = Service("subscription", settings)
    counter_store(service)
    await service.prepare([])
    yield service
    service.client.close()


@pytest.fixture
def store(source: Service) -> Store[Counter]:
    return counter_store(source)


def _relay(source: Service, lease: str) -> Relay:
    made = source.relay(Heartbeat("relay", limit=30))
    return Relay(
        outboxes=made.outboxes[:1],
        topic=made.topic,
        producer=made.producer,
        lease=Lease(source.database["leases"], lease, lease),
        wake=made.wake,
        heartbeat=made.heartbeat,
        poll_seconds=0.1,
    )


def _publish(event: Event, state: Counter | None) -> Decision[Counter]:
    return Decision(state or Counter(), (event,))


async def _log(source: Service) -> dict[str, list[int]]:
    """The sequences that a read-committed consumer sees, by aggregate."""
    found = defaultdict(list)
    for envelope, _ in await committed(source.settings.kafka, source.names.topic(source.name)):
        found[envelope.aggregate].append(envelope.sequence)
    return dict(found)


async def _until_empty(store: Store[Counter]) -> None:
    async def empty() -> bool:
        return not await store.collection.count_documents({"outbox.at": {"$exists": True}})

    await until(empty, "empty outboxes")


async def test_events_are_published_in_order_and_once(source: Service, store: Store[Counter]) -> None:
    for key in range(20):
        await save_events(store, key, times=3)
    async with _relay(source, "relay").producer() as producer:
        assert await _relay(source, "relay").publish(producer) == 60
        assert await _relay(source, "relay").publish(producer) == 0
    assert list((await _log(source)).values()) == [[1, 2, 3]] * 20


async def test_two_relays_that_both_believe_to_lead_keep_the_order(
    source: Service, store: Store[Counter]
) -> None:
    rivals = [asyncio.create_task(_relay(source, name).run()) for name in ("one", "two")]
    ids = [expiring(key).subscription_id for key in range(10)]
    for _ in range(8):
        for key, id in enumerate(ids):
            await store.change(id, partial(_publish, expiring(key)), Cause.command())
    await _until_empty(store)
    for rival in rivals:
        rival.cancel()
    await asyncio.wait(rivals)
    log = await _log(source)
    assert len(log) == len(ids)
    for sequences in log.values():
        assert list(dict.fromkeys(sequences)) == list(range(1, 9)), "first deliveries out of order, or a loss"
        assert sequences[-1] == 8, "an old event after the newest: a copy of the state would be wrong"


async def test_paused_leader_is_fenced(source: Service, store: Store[Counter]) -> None:
    await save_events(store, 1)
    late, new = _relay(source, "one"), _relay(source, "two")
    async with late.producer() as old_producer, new.producer() as new_producer:
        with pytest.raises(ProducerFenced):
            await late.publish(old_producer)
        assert await new.publish(new_producer) == 1
    assert list((await _log(source)).values()) == [[1]]


async def test_crash_between_commit_and_removal_publishes_twice_and_counts_once(
    source: Service, store: Store[Counter], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove, crashes = relay._remove, iter([True])

    async def crash_once(outbox: mongo.Collection, published: list[mongo.Document]) -> int:
        if next(crashes, False):
            raise AutoReconnect("gone")
        return await remove(outbox, published)

    monkeypatch.setattr(relay, "_remove", crash_once)
    await save_events(store, 1, times=2)
    async with run_service(source, Plan(Routes(), [])), run_reader(settings) as reader:
        await _until_empty(store)
        await reader.until_counted(1, 2)
        assert list((await _log(source)).values()) == [[1, 2, 1, 2]]
        await save_events(store, 2)
        await reader.until_counted(2)
        assert await reader.count_of(1) == 2


async def test_event_pushed_while_others_are_published_stays(
    source: Service, store: Store[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await save_events(store, 1)
    send = Relay._send

    async def send_and_save(self: Relay, *arguments: object) -> None:
        await send(self, *arguments)  # type: ignore[arg-type]
        await store.change(id, partial(_publish, expiring(1)), Cause.command())

    monkeypatch.setattr(Relay, "_send", send_and_save)
    async with _relay(source, "relay").producer() as producer:
        assert await _relay(source, "relay").publish(producer) == 1
        monkeypatch.undo()
        assert await _relay(source, "relay").publish(producer) == 1
    assert list((await _log(source)).values()) == [[1, 2]]


async def test_event_of_a_writer_whose_clock_is_behind_is_published(source: Service) -> None:
    clock = FixedClock(DAY)
    source.clock = clock
    store = counter_store(source)
    async with _relay(source, "relay").producer() as producer:
        await save_events(store, 1)
        await _relay(source, "relay").publish(producer)
        clock.move_to(DAY - timedelta(hours=1))
        await save_events(store, 2)
        assert await _relay(source, "relay").publish(producer) == 1
