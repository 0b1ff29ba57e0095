"""The relay against a bare loop that does the same durable work, with one event for each aggregate."""

import time
from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaProducer

from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.background.wake import Wake, Wakes
from shared.ids import fresh
from shared.messaging import broker
from shared.messaging.relay import BATCH, Relay
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import Collection, Database
from shared.storage.store import Store
from shared.time.clock import SystemClock
from tests.bench import bare
from tests.bench.result import Result, compare
from tests.bench.servers import alternate, with_own_namespace
from tests.support.counter import Counter, expiring

AGGREGATES = 10_000
ROUNDS = 3
TOPIC = "subscription"


async def run(settings: Settings) -> list[Result]:
    settings = with_own_namespace(settings)
    database = mongo.connect(settings.mongo.get_secret_value())[settings.database("relay")]
    topic = broker.KafkaNames(settings.namespace).topic(TOPIC)
    await broker.ensure_topics(settings.connection, [topic], [], replication=1)
    await _fill(database["kept"])
    await database["outbox"].create_index([("outbox.at", 1)], name="outbox", sparse=True)

    async def ours(producer: AIOKafkaProducer) -> None:
        relay = Relay(
            outboxes=[database["outbox"]],
            topic=topic,
            producer=transactional,
            lease=Lease(database["leases"], "relay", "bench"),
            wake=Wake(),
            heartbeat=Heartbeat("relay", limit=30),
            poll_seconds=0.1,
        )
        while await relay.publish(producer):
            pass

    async def by_hand(producer: AIOKafkaProducer) -> None:
        await bare.relay(database["outbox"], producer, topic, BATCH)

    async def sent_only(producer: AIOKafkaProducer) -> None:
        await bare.send(records, producer, topic, BATCH)

    def transactional() -> broker.ProducerContext:
        return broker.relay_producer(settings.connection, str(fresh()))

    def idempotent() -> broker.ProducerContext:
        producing: broker.ProducerContext = AIOKafkaProducer(
            bootstrap_servers=settings.kafka, enable_idempotence=True, acks="all"
        )
        return producing

    records = bare.records(await database["kept"].find().to_list(None))
    rates = await alternate(
        "relay",
        ROUNDS,
        lambda: _timed(database, transactional(), ours),
        lambda: _timed(database, transactional(), by_hand),
        lambda: _timed(database, idempotent(), sent_only),
    )
    return [
        compare("relay", rates[0], rates[1], at_least=0.7),
        compare("relay_vs_idempotent_producer", rates[0], rates[2]),
    ]


async def _fill(kept: Collection) -> None:
    """Save aggregates as a service does, each with one event in its outbox."""
    store = Store(kept, Counter, source=TOPIC, clock=SystemClock(), wakes=Wakes())
    for first in range(0, AGGREGATES, 2000):
        events = (expiring(key) for key in range(first, first + 2000))
        await store.save_many(
            ((None, str(event.subscription_id), Decision(Counter(), (event,))) for event in events),
            Cause.command(),
        )


async def _timed(
    database: Database,
    producing: broker.ProducerContext,
    drain: Callable[[AIOKafkaProducer], Awaitable[None]],
) -> float:
    """Events per second of `drain` on full outboxes."""
    await database["kept"].aggregate([{"$out": "outbox"}]).to_list(None)
    async with producing as producer:
        began = time.perf_counter()
        await drain(producer)
        return AGGREGATES / (time.perf_counter() - began)
