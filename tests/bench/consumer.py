"""The consumer (FastStream, partition queues, record handler, a once handler) against a bare loop, with 1 and
6 records at once."""

import asyncio
from functools import partial

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
    settings = with_own_namespace(settings)
    await _publish(settings)
    results = []
    for at_once in (1, 6):
        name = f"consumer_{at_once}"
        ours, by_hand = await alternate(
            name, ROUNDS, partial(_ours, settings, at_once), partial(_bare, settings, at_once)
        )
        results.append(compare(name, ours, by_hand, at_least=0.7))
    return results


async def _publish(settings: Settings) -> None:
    """Publish EACH events of every subscription, as a relay would."""
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    await broker.ensure_topics(settings.connection, [topic], [], replication=1)
    records = []
    for key in range(SUBSCRIPTIONS):
        events = tuple(expiring(key, days) for days in range(EACH))
        stored = Stored(str(events[0].subscription_id), Counter())
        made = envelopes("subscription", stored, events, Cause.command(), SystemClock().now())
        records += [(e.subject.encode(), e.body, e.headers()) for e in made]
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True) as producer:
        await bare.send(records, producer, topic, 1000)


async def _ours(settings: Settings, at_once: int) -> float:
    """A whole service process. Each run has a new group and new documents, but the same topic."""
    service = Service(f"reader{fresh().hex[:8]}", settings.model_copy(update={"at_once": at_once}))
    store = counter_store(service)
    await counters_at_zero(store.collection)
    meter = Meter(WARMING, TOTAL)

    async def count(event: SubscriptionExpiring, cause: Cause) -> None:
        await store.change(event.subscription_id, increment, cause)
        meter.effect()

    routes = Routes()
    routes.once(SubscriptionExpiring, count)
    async with run_service(service, Plan(routes, []), "worker"):
        await meter.finished.wait()
        await _check(store.collection)
    return meter.rate


async def _bare(settings: Settings, at_once: int) -> float:
    name = f"bare{fresh().hex[:8]}"
    effects = bare.database(settings.mongo.get_secret_value(), settings.database(name))["counters"]
    await counters_at_zero(effects)
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    meter = Meter(WARMING, TOTAL)
    consumer = bare.Consumer(settings.kafka, topic, name, effects, at_once, lambda _: meter.effect())
    consuming = asyncio.create_task(consumer.run())
    await meter.finished.wait()
    consuming.cancel()
    await asyncio.wait({consuming})
    await _check(effects)
    return meter.rate


async def counters_at_zero(effects: mongo.Collection, count: int = SUBSCRIPTIONS) -> None:
    ids = (str(expiring(key).subscription_id) for key in range(count))
    empty = {"version": 1, "sequence": 0, "handled": [], "outbox": []}
    await effects.insert_many([{"_id": id, **empty, **Counter().model_dump()} for id in ids])


async def _check(effects: mongo.Collection) -> None:
    """A fast run that lost or doubled an effect is no result."""
    right = await effects.count_documents({"count": EACH, "handled": {"$size": EACH}})
    assert right == SUBSCRIPTIONS, f"{SUBSCRIPTIONS - right} documents are wrong"
