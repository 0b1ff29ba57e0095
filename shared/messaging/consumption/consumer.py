"""At-least-once consumption: an offset is committed only after its record is handled.

FastStream fetches records and runs their handlers. Committing, retrying and draining are done around it,
because none of its acknowledgement policies keeps a record whose handler or parser failed (docs/adr/0004).
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream.kafka import KafkaBroker

from shared.background.heartbeat import Heartbeat
from shared.messaging.broker import STOP_SECONDS, partition_of
from shared.messaging.consumption.fetch import StallDetector
from shared.messaging.consumption.partition_queue import EMPTY, FULL, PartitionQueue
from shared.messaging.consumption.subscriber import EventSubscriber
from shared.messaging.consumption.window_handler import WindowHandler
from shared.resilience import denials
from shared.resilience.timeouts import with_timeout

log = structlog.get_logger()

_COMMIT_SECONDS = 0.2
_WATCH_SECONDS = 1.0
_STUCK_SECONDS = 10.0
_GIVE_UP_SECONDS = 120.0
_HELD_UP_SECONDS = 120.0
_DRAIN_SECONDS = 20.0


class FetchingDied(Exception):
    """No records arrive although the broker answers; only a new consumer helps."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Parallel across partitions; within one, serial for each subscription."""

    def __init__(
        self, broker: KafkaBroker, subscriber: EventSubscriber, handler: WindowHandler, heartbeat: Heartbeat
    ) -> None:
        self._broker = broker
        self._subscriber = subscriber
        self._handler = handler
        self._heartbeat = heartbeat
        self._fetching = StallDetector(_STUCK_SECONDS)
        self._queues: dict[TopicPartition, PartitionQueue] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._joined = False
        self._drained = False
        subscriber.feed(self)

    def enqueue(self, records: Sequence[ConsumerRecord]) -> None:
        """Queue fetched records. Records of a partition that this member no longer has are dropped."""
        for record in records:
            queue = self._queues.get(TopicPartition(record.topic, record.partition))
            if queue is not None:
                queue.put(record)
        self._hold_back()

    def _hold_back(self) -> None:
        """Stop fetching partitions whose queue is full, and fetch again those that emptied."""
        full = {partition for partition, queue in self._queues.items() if queue.waiting > FULL}
        emptied = {p for p in self._paused if p in self._queues and self._queues[p].waiting < EMPTY}
        if full - self._paused:
            self._kafka.pause(*(full - self._paused))
        if emptied:
            self._kafka.resume(*emptied)
        self._paused = (self._paused | full) - emptied

    @property
    def _kafka(self) -> AIOKafkaConsumer:
        return cast("AIOKafkaConsumer", self._subscriber.consumer)

    async def run(self) -> None:
        """Commit the handled offsets at short intervals.

        Raises the failure of a queue that died: this consumer must not continue as if it consumed.
        """
        while True:
            await asyncio.sleep(_COMMIT_SECONDS)
            if self._subscriber.consumer is None:
                continue
            self._raise_failures()
            await self._commit()
            self._hold_back()

    async def watch(self) -> None:
        """Beat the heartbeat while records arrive and no record is in its handler for too long.

        Raises FetchingDied when none arrive for long and the broker is not the cause. A record that can't be
        handled, because the database or broker it needs does not answer, is tried again in this process.
        """
        clock = asyncio.get_running_loop()
        alive_at = clock.time()
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if await self._alive():
                alive_at = clock.time()
                if wrong := self._subscriber.failing or self._held_up():
                    self._heartbeat.fail(wrong)
                else:
                    self._heartbeat.beat(f"{len(self._queues)} partitions, {self.backlog} records in hand")
            elif clock.time() - alive_at > _GIVE_UP_SECONDS and await self._is_to_blame():
                raise FetchingDied

    async def _is_to_blame(self) -> bool:
        """Whether this process is the cause: the broker answers, and denies it nothing."""
        return not denials.anything_denied() and await self._broker.ping(timeout=2.0)

    async def _alive(self) -> bool:
        if not self._joined or all(task.done() for task in self._subscriber.tasks):
            return False
        stuck = await self._fetching.stuck(self._kafka, self._queues.keys() - self._paused)
        if stuck:
            log.warning("consumer.stuck", partitions=sorted(f"{p.topic}/{p.partition}" for p in stuck))
        return not stuck

    def _held_up(self) -> str | None:
        """Which record has been in hand for too long, if one has."""
        for partition, queue in self._queues.items():
            offset, seconds = queue.in_hand
            if seconds > _HELD_UP_SECONDS:
                return f"{partition.topic}/{partition.partition}/{offset} in hand for {seconds:.0f} s"
        return None

    def _raise_failures(self) -> None:
        for queue in self._queues.values():
            if queue.failure is not None:
                raise queue.failure

    @property
    def queues(self) -> Mapping[TopicPartition, PartitionQueue]:
        return self._queues

    def behind(self, partition: TopicPartition) -> int:
        """How many offsets of the partition, transaction markers included, are not handled yet. 0 while that
        is not known."""
        position, end = self._queues[partition].position, None
        if self._subscriber.consumer is not None and partition in self._kafka.assignment():
            end = self._kafka.last_stable_offset(partition)
        return max(end - position, 0) if end is not None and position is not None else 0

    async def is_read(self, topic: str, key: bytes) -> bool:
        """Whether this consumer has handled everything in the partition of `topic` to which `key` belongs.
        False if another member of the group reads that partition, or will: its records are dropped then."""
        partition = TopicPartition(topic, partition_of(key))
        queue = self._queues.get(partition)
        if queue is None or self._subscriber.consumer is None:
            return False
        if partition not in self._kafka.assignment() or self._kafka.last_poll_timestamp(partition) is None:
            return False
        end = self._kafka.last_stable_offset(partition)
        fetched = end is not None and await self._kafka.position(partition) >= end
        return fetched and not queue.waiting and self._joined

    @property
    def backlog(self) -> int:
        return sum(queue.waiting for queue in self._queues.values())

    async def _commit(self) -> None:
        """Losing a commit only means that records are delivered again, so no failure here is fatal."""
        offsets = {
            partition: queue.position
            for partition, queue in self._queues.items()
            if queue.position is not None and queue.position != self._committed.get(partition)
        }
        if not offsets:
            return
        try:
            await with_timeout(STOP_SECONDS, self._kafka.commit(offsets))
            self._committed |= offsets
        except (CommitFailedError, IllegalStateError):
            log.info("consumer.commit_after_rebalance")
        except (KafkaError, TimeoutError) as error:
            denials.note(error)
            log.warning("consumer.commit_failed", error=type(error).__name__)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """A group with more members than partitions gives some none: they stand by."""
        self._joined = True
        if self._drained:  # about to leave the group: nobody would finish records that it took now
            return
        for partition in assigned:
            self._queues[partition] = PartitionQueue(self._handler.handle)

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Finish the records in hand and commit them, before another consumer gets the partitions."""
        self._joined = False
        await asyncio.gather(*(self._queues[p].drain(_DRAIN_SECONDS) for p in revoked if p in self._queues))
        await self._commit()
        for partition in revoked:
            self._queues.pop(partition, None)
            self._committed.pop(partition, None)
        self._paused -= set(revoked)

    async def drain(self) -> None:
        """Finish and commit what is in hand, for good. The subscriber's `stop` calls it."""
        self._drained = True
        if self._subscriber.consumer is not None:
            await self.on_partitions_revoked(list(self._queues))
