"""The consumer (FastStream, partition queues, record handler, a once handler) against a bare loop, with 1 and
6 records at once; and with 6 at once of one partition, whose subscriptions have their effects side by side.

The bare loop shares the records by their keys, so it too keeps the order of each subscription alone.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import count, islice

from aiokafka import AIOKafkaProducer

from shared.events.subscription import SubscriptionExpiring
from shared.ids import fresh
from shared.messaging import broker
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.aggregate import Cause, Stored, envelopes
from shared.time.clock import SystemClock
from tests.bench import bare
from tests.bench.result import Result, compare
from tests.bench.servers import Meter, alternate, with_own_namespace
from tests.support.counter import Counter, counter_store, expiring, increment
from tests.support.service_process import run_service

SUBSCRIPTIONS = 400
EACH = 3
TOTAL = SUBSCRIPTIONS * EACH
WARMING = 200
ROUNDS = 3


async def run(settings: Settings) -> list[Result]:
    every = range(SUBSCRIPTIONS)
    whole = await _published(settings, every)
    results = [await _measured("consumer_1", whole, every, 1, 0.7)]
    results.append(await _measured("consumer_6", whole, every, 6, 0.7))
    of_one = list(islice(filter(_in_first_partition, count()), SUBSCRIPTIONS))
    narrow = await _published(settings, of_one)
    return [*results, await _measured("consumer_one_partition", narrow, of_one, 6, 0.8)]


def _in_first_partition(key: int) -> bool:
    return broker.partition_of(str(expiring(key).subscription_id).encode()) == 0


async def _measured(
    name: str, settings: Settings, keys: Sequence[int], at_once: int, at_least: float
) -> Result:
    runs = partial(_ours, settings, keys, at_once), partial(_bare, settings, keys, at_once)
    return compare(name, *await alternate(name, ROUNDS, *runs), at_least=at_least)


async def _published(settings: Settings, keys: Sequence[int]) -> Settings:
    """A namespace in which EACH events of every subscription are published, as by a relay."""
    settings = with_own_namespace(settings)
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    await broker.ensure_topics(settings.connection, [topic], [], replication=1)
    records = []
    for key in keys:
        events = tuple(expiring(key, days) for days in range(EACH))
        stored = Stored(str(events[0].subscription_id), Counter())
        made = envelopes("subscription", stored, events, Cause.command(), SystemClock().now())
        records += [(e.subject.encode(), e.body, e.headers()) for e in made]
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True) as producer:
        await bare.send(records, producer, topic, 1000)
    return settings


async def _ours(settings: Settings, keys: Sequence[int], at_once: int) -> float:
    """A whole service process. Each run has a new group and new documents, but the same topic."""
    service = Service(f"reader{fresh().hex[:8]}", settings.model_copy(update={"at_once": at_once}))
    store = counter_store(service)
    await counters_at_zero(store.collection, keys)
    meter = Meter(WARMING, TOTAL)

    async def increase(event: SubscriptionExpiring, cause: Cause) -> None:
        await store.change(event.subscription_id, increment, cause)
        meter.effect()

    routes = Routes()
    routes.once(SubscriptionExpiring, increase)
    async with run_service(service, Plan(routes, []), "worker"):
        await meter.finished.wait()
        await _check(store.collection)
    return meter.rate


async def _bare(settings: Settings, keys: Sequence[int], at_once: int) -> float:
    name = f"bare{fresh().hex[:8]}"
    effects = bare.database(settings.mongo.get_secret_value(), settings.database(name))["counters"]
    await counters_at_zero(effects, keys)
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    meter = Meter(WARMING, TOTAL)
    consumer = bare.Consumer(settings.kafka, topic, name, effects, at_once, lambda _: meter.effect())
    consuming = asyncio.create_task(consumer.run())
    await meter.finished.wait()
    consuming.cancel()
    await asyncio.wait({consuming})
    await _check(effects)
    return meter.rate


async def counters_at_zero(effects: mongo.Collection, keys: Iterable[int]) -> None:
    ids = (str(expiring(key).subscription_id) for key in keys)
    empty = {"version": 1, "sequence": 0, "handled": [], "outbox": []}
    await effects.insert_many([{"_id": id, **empty, **Counter().model_dump()} for id in ids])


async def _check(effects: mongo.Collection) -> None:
    """A fast run that lost or doubled an effect is no result."""
    right = await effects.count_documents({"count": EACH, "handled": {"$size": EACH}})
    assert right == SUBSCRIPTIONS, f"{SUBSCRIPTIONS - right} documents are wrong"
