"""The relay: publishes the events in the aggregates' outboxes, in order for each aggregate.

The producer is transactional with a fixed id: when a new leader starts, the old one's next commit
fails (ProducerFenced), so a leader that was paused cannot publish an old event after a newer one.
If it dies before the commit, nothing was published, and the next leader does it. If it dies between commit
and removal, the next leader publishes the same events again under the same ids, which consumers recognise.
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
from shared.background.lease import RENEW_SECONDS, Lease
from shared.background.wake import Wake
from shared.messaging.broker import STOP_SECONDS, ProducerContext
from shared.resilience.retry import suppress_transient
from shared.resilience.timeouts import with_timeout
from shared.storage import mongo
from shared.storage.mongo import Collection, Document

log = structlog.get_logger()

BATCH = 1000
_COMMIT_SECONDS = 30.0
_DATABASE_SECONDS = 30.0


class LostLease(Exception):
    """Another process leads now."""


@dataclass(frozen=True, slots=True)
class Relay:
    """`outboxes` are the collections to drain, `topic` is for their events; `compacted` gives the topic for
    their snapshots, by the snapshot's own TOPIC."""

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
            with suppress_transient("relay.transient_error") as attempt:
                await self._step()
            if attempt.failed:
                await self._release()
                await asyncio.sleep(RENEW_SECONDS)

    async def _step(self) -> None:
        try:
            if await self.lease.acquire() is None:
                self.heartbeat.beat("standby")
                await asyncio.sleep(RENEW_SECONDS)
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
                    published = await self.publish(producer)
                    self.heartbeat.beat("leads")
                    if not published:
                        await self.wake.wait(self.poll_seconds)
            finally:
                renewing.cancel()

    async def _renew(self) -> None:
        while await self.lease.acquire() is not None:
            await asyncio.sleep(RENEW_SECONDS)
        raise LostLease

    async def publish(self, producer: AIOKafkaProducer) -> int:
        """Publish pending events, of at most BATCH aggregates a collection. Returns how many events."""
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
            await batches.flush()
        except BaseException:
            await _abort(producer)
            raise
        await producer.commit_transaction()


class RelayBatches:
    """Gathers records by partition. Handing over thousands at once is much cheaper than one by one."""

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

    async def flush(self) -> None:
        """Send all records and wait for the broker to acknowledge them. Within a partition they keep the
        order in which they were added."""
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
    """The partition that every producer of the library chooses. Cached: an aggregate with a snapshot needs it
    twice."""
    chosen: int = DefaultPartitioner()(key, partitions, partitions)
    return chosen


async def _abort(producer: AIOKafkaProducer) -> None:
    """Abort the transaction, so that readers need not wait for its timeout.

    An unreachable broker is not waited for: the next producer of this id, or the timeout, aborts as well. A
    fenced producer can no longer abort; aiokafka then raises AssertionError.
    """
    with suppress(KafkaError, TimeoutError, AssertionError):
        await with_timeout(STOP_SECONDS, producer.abort_transaction())


async def _pending(outbox: Collection) -> list[Document]:
    """The aggregates with pending events, the longest waiting first, which is the index's own order. With a
    sort the server would read all pending documents each time, because the index has several keys a
    document."""
    query = outbox.find({"outbox.at": {"$gt": mongo.EPOCH}}, {"outbox": 1}).hint("outbox")
    return await query.limit(BATCH).to_list(BATCH)


async def _remove(outbox: Collection, published: list[Document]) -> int:
    """Remove the published events, by id, because others may have been pushed since. Returns how many.

    One update for all documents costs half as much as one for each. The driver does not repeat it after a
    lost connection; the events that stay are published again.
    """
    ids = [entry["id"] for document in published for entry in document["outbox"]]
    await outbox.update_many(
        {"_id": {"$in": [document["_id"] for document in published]}},
        {"$pull": {"outbox": {"id": {"$in": ids}}}},
    )
    return len(ids)
