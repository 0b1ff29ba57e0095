"""A consumer that no longer consumes is reported, and restarted after a while; its process lives on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local.host.ports import free_port
from deploy.local.servers.kafka import EmbeddedKafka
from shared.events.subscription import SubscriptionExpiring
from shared.messaging import broker, relay
from shared.messaging.consumption import consumer, lifecycle
from shared.messaging.consumption.consumer import Consumer
from shared.messaging.routes import Routes
from shared.runtime import process
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from tests.support.counter import counter_store, expiring, save_events
from tests.support.reader import Reader, run_reader
from tests.support.service_process import run_service, until
from tests.support.topic import raw


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortens production's limits to seconds."""
    monkeypatch.setattr(consumer, "_STUCK_SECONDS", 1.0)
    monkeypatch.setattr(consumer, "_WATCH_SECONDS", 0.2)
    monkeypatch.setattr(process, "_LOOP_LIMIT", 2.0)
    monkeypatch.setattr(process, "_CONSUMER_LIMIT", 2.0)


@pytest.fixture
def consumers(monkeypatch: pytest.MonkeyPatch) -> list[Consumer]:
    """The consumers that processes make during the test."""
    made: list[Consumer] = []

    class ListedConsumer(Consumer):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            made.append(self)

    monkeypatch.setattr(lifecycle, "Consumer", ListedConsumer)
    return made


@asynccontextmanager
async def _run_dying_reader(settings: Settings) -> AsyncIterator[Reader]:
    """A reader whose consumption dies in this test."""
    async with run_reader(settings, dies={"consumer"}) as reader:
        yield reader


async def _states(client: httpx.AsyncClient) -> dict[str, bool]:
    answer = await client.get("/health/ready")
    states = {check["name"]: check["ok"] for check in answer.json()}
    assert answer.status_code == (200 if all(states.values()) else 503)
    return states


async def _until_ready(client: httpx.AsyncClient) -> None:
    async def ready() -> bool:
        return all((await _states(client)).values())

    await until(ready, "readiness")


async def _until_consumer_fails(client: httpx.AsyncClient) -> None:
    async def fails() -> bool:
        return not (await _states(client))["consumer"]

    await until(fails, "the consumer's check failing")


async def test_dead_fetch_loop_is_reported(
    settings: Settings, consumers: list[Consumer], quick: None
) -> None:
    async with run_reader(settings) as reader:
        await _until_ready(reader.client)
        consumers[0]._kafka._fetcher._fetch_task.cancel()
        await _until_consumer_fails(reader.client)


async def test_consumption_that_stays_dead_while_the_broker_answers_is_restarted(
    settings: Settings, consumers: list[Consumer], quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP, such as the login gate, is served meanwhile."""
    async with _run_dying_reader(settings) as reader:
        await _until_ready(reader.client)
        monkeypatch.setattr(consumer, "_GIVE_UP_SECONDS", 2.0)  # on a busy machine, joining takes longer
        consumers[0]._kafka._fetcher._fetch_task.cancel()
        await _until_consumer_fails(reader.client)
        assert (await reader.client.get("/health/live")).status_code == 200
        await reader.publish(raw(expiring(1)))
        await reader.until_counted(1)
        await _until_ready(reader.client)
        assert 'giahan_loop_deaths_total{loop="consumer"} 1.0' in (await reader.client.get("/metrics")).text


async def test_dead_consume_loop_is_reported(
    settings: Settings, consumers: list[Consumer], quick: None
) -> None:
    async with run_reader(settings) as reader:
        await _until_ready(reader.client)
        for task in consumers[0]._subscriber.tasks:
            task.cancel()
        await _until_consumer_fails(reader.client)


async def test_handler_that_cancels_itself_is_reported_and_loses_nothing(settings: Settings) -> None:
    """A pool does so if its future is cancelled. Otherwise the queue would be dead and nobody would know."""
    async with _run_dying_reader(settings) as reader:

        async def cancelled(event: SubscriptionExpiring, cause: Cause) -> None:
            raise asyncio.CancelledError

        await _until_ready(reader.client)
        reader.handler = cancelled
        await reader.publish(raw(expiring(1)))
        await _until_consumer_fails(reader.client)
        reader.handler = None
        await reader.until_counted(1)


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker that a test may kill."""
    kafka = EmbeddedKafka(tmp_path_factory.mktemp("own-kafka"), free_port())
    kafka.start(tied=True)
    yield kafka
    kafka.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def pair(
    settings: Settings, own_kafka: EmbeddedKafka
) -> AsyncIterator[tuple[Service, httpx.AsyncClient, Reader]]:
    """A source and a reader that counts its events, both with that broker."""
    own = settings.model_copy(update={"kafka": own_kafka.bootstrap, "session_seconds": 6})
    source = Service("subscription", own)
    counter_store(source)
    async with run_service(source, Plan(Routes(), [])) as client, run_reader(own) as reader:
        await _until_ready(client)
        await _until_ready(reader.client)
        yield source, client, reader


async def test_broker_killed_and_restarted_is_reported_and_consumed_from_again(
    quick: None, pair: tuple[Service, httpx.AsyncClient, Reader], own_kafka: EmbeddedKafka
) -> None:
    source, client, reader = pair
    store = counter_store(source)
    await save_events(store, 1)
    await reader.until_counted(1)
    own_kafka.process.kill()

    async def both_fail() -> bool:
        return not (await _states(client))["broker"] and not (await _states(reader.client))["consumer"]

    await until(both_fail, "not ready without a broker")
    await save_events(store, 2)
    await asyncio.to_thread(own_kafka.start, tied=True)
    await reader.until_counted(2)
    await _until_ready(client)
    await _until_ready(reader.client)
    assert await reader.count_of(1) == 1


async def test_process_stops_while_the_broker_is_away_and_publishes_later(
    settings: Settings, own_kafka: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka's commit, abort and stop wait for the broker for ever, and cannot be cancelled."""
    for module in (broker, consumer, relay):
        monkeypatch.setattr(module, "STOP_SECONDS", 0.5)
    own = settings.model_copy(update={"kafka": own_kafka.bootstrap, "session_seconds": 6})
    source = Service("subscription", own)
    store = counter_store(source)
    async with run_service(source, Plan(Routes(), [])) as client, run_reader(own) as reader:
        await _until_ready(client)
        await save_events(store, 1)
        await reader.until_counted(1)
        own_kafka.process.kill()
        await save_events(store, 2)
    await asyncio.to_thread(own_kafka.start, tied=True)
    source = Service("subscription", own)
    counter_store(source)
    async with run_service(source, Plan(Routes(), [])), run_reader(own) as reader:
        await reader.until_counted(2)
        assert await reader.count_of(1) == 1
