"""The time from an event's commit in one service to its effect's commit in another, at 100 events/s, against
a bare chain of the same three steps: transactional produce, fetch, compare-and-set.

The bare producer is told of a committed insert at once, sends in one transaction what came meanwhile, and
empties those outboxes as a relay must. The inserted documents and the records are those that a service makes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from statistics import median

from shared.events.subscription import SubscriptionExpiring
from shared.messaging import broker
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import Document
from shared.storage.record import Records
from shared.time.clock import SystemClock
from tests.bench import bare
from tests.bench.consumer import counters_at_zero
from tests.bench.result import Result, compare, limit, percentile
from tests.bench.scale import scale
from tests.bench.servers import with_own_namespace
from tests.support.counter import Counter, counter_store, expiring, increment
from tests.support.service_process import run_service

PER_SECOND = 100
WARMING = 200


async def run(settings: Settings) -> list[Result]:
    """Ours and the bare chain in turn, so that other load on the machine affects both alike. The medians of
    the rounds' percentiles count."""
    found: dict[str, list[float]] = {}
    for number in range(1, scale().rounds + 1):
        for name, chain in (("ours", _ours), ("bare", _bare)):
            timer = Timer(WARMING + round(scale().seconds * PER_SECOND / 2))
            await chain(with_own_namespace(settings), timer)
            for percent in (50, 99):
                found.setdefault(f"{name} p{percent}", []).append(timer.percentile(percent))
        shown = ", ".join(f"{name} {each[-1]:.1f} ms" for name, each in found.items())
        print(f"  latency {number}/{scale().rounds}: {shown}", flush=True)
    at = {name: median(each) for name, each in found.items()}
    return [
        limit("committed_to_effect_p50", at["ours p50"], at_most=50, note="on a quiet machine, a fast disk"),
        limit("committed_to_effect_p99", at["ours p99"], at_most=250, note="on a quiet machine, a fast disk"),
        compare("latency_p50", at["ours p50"], at["bare p50"], at_most=1.5, unit="ms"),
        compare("latency_p99", at["ours p99"], at["bare p99"], at_most=1.5, unit="ms"),
    ]


class Timer:
    """Has events committed at a steady rate, and measures how long each took until its effect."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._clock = asyncio.get_running_loop()
        self._committed: dict[str, float] = {}
        self._effective: dict[str, float] = {}
        self._finished = asyncio.Event()

    async def drive(self, commit: Callable[[int], Awaitable[None]]) -> None:
        """Call `commit` for each number; return when all have had their effect."""
        async with asyncio.TaskGroup() as go:
            began = self._clock.time()
            for number in range(self.count):
                await asyncio.sleep(began + number / PER_SECOND - self._clock.time())
                go.create_task(self._commit(number, commit))
            await self._finished.wait()

    async def _commit(self, number: int, commit: Callable[[int], Awaitable[None]]) -> None:
        await commit(number)
        self._committed[str(expiring(number).subscription_id)] = self._clock.time()

    def effect(self, subscription: str) -> None:
        self._effective[subscription] = self._clock.time()
        if len(self._effective) == self.count:
            self._finished.set()

    def percentile(self, percent: int) -> float:
        """In milliseconds, of the events after the warm-up."""
        measured = list(self._committed)[WARMING:]
        return percentile([1000 * (self._effective[id] - self._committed[id]) for id in measured], percent)


async def _ours(settings: Settings, timer: Timer) -> None:
    source, reader = Service("subscription", settings), Service("renewal", settings)
    saved, effects = counter_store(source), counter_store(reader)
    await counters_at_zero(effects.collection, range(timer.count))

    async def count(event: SubscriptionExpiring, cause: Cause) -> None:
        await effects.change(event.subscription_id, increment, cause)
        timer.effect(str(event.subscription_id))

    async def save(number: int) -> None:
        event = expiring(number)
        await saved.save(None, Decision(Counter(), (event,)), Cause.command(), id=event.subscription_id)

    routes = Routes()
    routes.once(SubscriptionExpiring, count)
    async with run_service(source, Plan(Routes(), [])), run_service(reader, Plan(routes, [])):
        await timer.drive(save)


async def _bare(settings: Settings, timer: Timer) -> None:
    database = partial(bare.database, settings.mongo.get_secret_value())
    kept, effects = (database(settings.database(name))["counters"] for name in ("source", "reader"))
    await counters_at_zero(effects, range(timer.count))
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    await broker.ensure_topics(settings.connection, [topic], [], replication=1)
    documents = [_document(number) for number in range(timer.count)]
    committed: asyncio.Queue[Document] = asyncio.Queue()

    async def insert(number: int) -> None:
        await kept.insert_one(documents[number])
        committed.put_nowait(documents[number])

    async def publish() -> None:
        async with broker.relay_producer(settings.connection, f"{topic}.bare") as producer:
            while True:
                pending = [await committed.get()]
                while not committed.empty():
                    pending.append(committed.get_nowait())
                async with producer.transaction():
                    await bare.send(bare.records(pending), producer, topic, len(pending))
                sent = {"_id": {"$in": [document["_id"] for document in pending]}}
                await kept.update_many(sent, {"$set": {"outbox": []}})

    consumer = bare.Consumer(
        settings.kafka, topic, "bare", effects, settings.at_once, lambda one: timer.effect(one.key.decode())
    )
    chain = [asyncio.create_task(each) for each in (publish(), consumer.run())]
    await timer.drive(insert)
    for task in chain:
        task.cancel()
    await asyncio.wait(chain)


def _document(number: int) -> Document:
    """The document of a new counter, with its event in the outbox."""
    event, records = expiring(number), Records(Counter, "subscription", "counters")
    decision = Decision(Counter(), (event,))
    now = SystemClock().now()
    return records.save(None, str(event.subscription_id), decision, Cause.command(), now).new_document()
