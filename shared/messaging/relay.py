"""Publishes the events that aggregates hold in their outboxes, in order per aggregate.

The producer is transactional with a fixed id: when a new leader starts, the old one's next commit
fails (ProducerFenced), so a leader that was paused cannot publish an old event after a newer one.
Dies before the commit: nothing was published, the next leader does it. Dies between commit and
removal: the next leader publishes the same events again under the same ids, which consumers know.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import RecordMetadata, TopicPartition

from shared.background.heartbeat import Heartbeat
from shared.background.lease import TTL_SECONDS, Lease
from shared.background.wake import Wake
from shared.messaging.broker import STOP_SECONDS, ProducerContext
from shared.resilience.retry import suppress_transient
from shared.resilience.timeouts import with_timeout
from shared.storage import mongo
from shared.storage.mongo import Collection, Document

log = structlog.get_logger()

BATCH = 1000
_STANDBY_SECONDS = 0.5
_COMMIT_SECONDS = 30.0
_DATABASE_SECONDS = 30.0


class LostLease(Exception):
    """Another process leads now."""


@dataclass(frozen=True, slots=True)
class Relay:
    """`outboxes` are the collections to drain, `topic` where their events go, `compacted` where their
    snapshots go, by the snapshots' own TOPIC."""

    outboxes: Sequence[Collection]
    topic: str
    producer: Callable[[], ProducerContext]
    lease: Lease
    wake: Wake
    heartbeat: Heartbeat
    poll_seconds: float
    compacted: Mapping[str, str] = field(default_factory=dict)

    async def run(self) -> None:
        """Lead whenever the lease is free. Transient errors of broker or database do not end it."""
        while True:
            with suppress_transient("relay.fault") as turn:
                await self._step()
            if turn.failed:
                await self._release()
                await asyncio.sleep(_STANDBY_SECONDS)

    async def _step(self) -> None:
        try:
            if await self.lease.acquire() is None:
                self.heartbeat.beat("standby")
                await asyncio.sleep(_STANDBY_SECONDS)
            else:
                await self._lead()
        except* (ProducerFenced, LostLease):
            log.info("relay.another_leads")

    async def _release(self) -> None:
        """Release the lease: another process may succeed where this one fails."""
        with suppress_transient("relay.lease"):
            await with_timeout(_DATABASE_SECONDS, self.lease.release())

    async def _lead(self) -> None:
        async with self.producer() as producer, asyncio.TaskGroup() as tasks:
            renewing = tasks.create_task(self._renew())
            log.info("relay.leads", topic=self.topic)
            try:
                while not renewing.done():
                    if not await self.publish(producer):
                        await self.wake.wait(self.poll_seconds)
                    self.heartbeat.beat("leads")
            finally:
                renewing.cancel()

    async def _renew(self) -> None:
        while await self.lease.acquire() is not None:
            await asyncio.sleep(TTL_SECONDS / 4)
        raise LostLease

    async def publish(self, producer: AIOKafkaProducer) -> int:
        """Publish what is pending, at most BATCH aggregates a collection. Returns how many events."""
        published = 0
        for outbox in self.outboxes:
            pending = await with_timeout(_DATABASE_SECONDS, _pending(outbox))
            if pending:
                await with_timeout(_COMMIT_SECONDS, self._send(producer, pending))
                published += await with_timeout(_DATABASE_SECONDS, _remove(outbox, pending))
        return published

    async def _send(self, producer: AIOKafkaProducer, pending: list[Document]) -> None:
        await producer.begin_transaction()
        try:
            batches = RelayBatches(producer)
            for document in pending:
                for entry in document["outbox"]:
                    topic = self.compacted[entry["topic"]] if "topic" in entry else self.topic
                    await batches.add(topic, entry)
            await batches.sent()
        except BaseException:
            await _abort(producer)
            raise
        await producer.commit_transaction()


class RelayBatches:
    """Records gathered by partition: thousands at a time much cheaper than each handed over alone."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._partitions: dict[str, tuple[int, ...]] = {}
        self._open: dict[TopicPartition, BatchBuilder] = {}
        self._acks: list[asyncio.Future[RecordMetadata]] = []

    async def add(self, topic: str, entry: Document) -> None:
        if topic not in self._partitions:
            self._partitions[topic] = tuple(sorted(await self._producer.partitions_for(topic)))
        key = entry["key"].encode()
        place = TopicPartition(topic, _partition(key, self._partitions[topic]))
        headers = [(name, value) for name, value in entry["headers"]]
        record = {"timestamp": None, "key": key, "value": entry["body"], "headers": headers}
        batch = self._open.get(place)
        if batch is not None and batch.append(**record) is not None:
            return
        if batch is not None:
            await self._send(place, batch)
        batch = self._open[place] = self._producer.create_batch()
        if batch.append(**record) is None:
            raise RuntimeError("an empty batch takes one record, however large")

    async def sent(self) -> None:
        """The broker has all of them, within a partition in the order in which they were added."""
        for place, batch in self._open.items():
            await self._send(place, batch)
        await asyncio.gather(*self._acks)

    async def _send(self, place: TopicPartition, batch: BatchBuilder) -> None:
        ack = await self._producer.send_batch(batch, place.topic, partition=place.partition)
        ack.add_done_callback(_ignore_failure)
        self._acks.append(ack)


def _ignore_failure(ack: "asyncio.Future[RecordMetadata]") -> None:
    """Nobody awaits an ack that fails with its transaction; without this, asyncio would log it."""
    if not ack.cancelled():
        ack.exception()


@lru_cache(maxsize=1024)
def _partition(key: bytes, partitions: tuple[int, ...]) -> int:
    """As every producer of the library chooses it. Asked for twice where an aggregate has a snapshot too."""
    chosen: int = DefaultPartitioner()(key, partitions, partitions)
    return chosen


async def _abort(producer: AIOKafkaProducer) -> None:
    """Readers need not wait for the transaction's timeout. A broker that is away is not waited for:
    the next producer of this id, or the timeout, aborts it as well. A fenced producer can't abort any
    more, which aiokafka asserts."""
    with suppress(KafkaError, TimeoutError, AssertionError):
        await with_timeout(STOP_SECONDS, producer.abort_transaction())


async def _pending(outbox: Collection) -> list[Document]:
    """The longest waiting first: that is the index's own order. Asked to sort, the server would read
    everything that is pending each time, because the index has several keys a document."""
    query = outbox.find({"outbox.at": {"$gt": mongo.EPOCH}}, {"outbox": 1}).hint("outbox")
    return await query.limit(BATCH).to_list(BATCH)


async def _remove(outbox: Collection, published: list[Document]) -> int:
    """Take the published events out, by id: others may have been pushed since. Returns how many.

    One update for all costs half of one each. The driver doesn't repeat it after a lost connection;
    what is left then is published again.
    """
    ids = [entry["id"] for document in published for entry in document["outbox"]]
    await outbox.update_many(
        {"_id": {"$in": [document["_id"] for document in published]}},
        {"$pull": {"outbox": {"id": {"$in": ids}}}},
    )
    return len(ids)
