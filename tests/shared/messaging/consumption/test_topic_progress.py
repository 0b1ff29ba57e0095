"""Whether a partition is read to its end, while the group's members change."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import ConsumerRecord, TopicPartition

from shared.background.heartbeat import Heartbeat
from shared.messaging.broker import partition_of
from shared.messaging.consumption.consumer import Consumer
from shared.messaging.consumption.partition_queue import Window

KEY = b"office"
OURS = TopicPartition("renewal.events", partition_of(KEY))
OTHER = TopicPartition("signing.events", OURS.partition)


class Kafka:
    """The client of a member that has fetched two records of each partition."""

    def assignment(self) -> set[TopicPartition]:
        return {OURS, OTHER}

    def last_poll_timestamp(self, partition: TopicPartition) -> int:
        return 1

    def last_stable_offset(self, partition: TopicPartition) -> int:
        return 2

    async def position(self, partition: TopicPartition) -> int:
        return 2

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Whatever is committed is right here."""


class Handler:
    """The first record of OURS takes until `released`; a record of OTHER asks for the progress of OURS once
    that one is settled."""

    def __init__(self) -> None:
        self.begun, self.released, self.settled = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.consumer: Consumer | None = None
        self.answers: list[bool] = []

    async def handle(self, window: Window) -> None:
        for record in window.records:
            if record.topic == OURS.topic:
                self.begun.set()
                await self.released.wait()
            else:
                await self.settled.wait()
                assert self.consumer
                self.answers.append(await self.consumer.is_read(OURS.topic, KEY))
            window.settle(record)
            self.settled.set()


def _record(partition: TopicPartition, offset: int) -> ConsumerRecord:
    return ConsumerRecord(partition.topic, partition.partition, offset, 0, 0, KEY, b"", None, 6, 0, ())


async def _asked(*, leaves: bool) -> list[bool]:
    """What is answered while the members change (`leaves`), or else once all is handled."""
    handler: Any = Handler()
    subscriber = SimpleNamespace(feed=lambda consumer: None, consumer=Kafka(), tasks=[])
    consumer = Consumer(cast("Any", None), cast("Any", subscriber), handler, Heartbeat("consumer", limit=10))
    handler.consumer = consumer
    await consumer.on_partitions_assigned([OURS, OTHER])
    consumer.enqueue([_record(OURS, 0), _record(OTHER, 0), _record(OTHER, 1)])
    await handler.begun.wait()
    consumer.enqueue([_record(OURS, 1)])
    if leaves:
        leaving = asyncio.create_task(consumer.on_partitions_revoked([OURS, OTHER]))
        await asyncio.sleep(0)
        handler.released.set()
        await leaving
    else:
        handler.released.set()
        while consumer.backlog:
            await asyncio.sleep(0)
        handler.answers = [await consumer.is_read(OURS.topic, KEY)]
        await consumer.on_partitions_revoked([OURS, OTHER])
    answers: list[bool] = handler.answers
    return answers


async def test_partition_whose_records_are_handled_is_read() -> None:
    assert await _asked(leaves=False) == [True]


async def test_partition_that_another_member_gets_is_not_read() -> None:
    """Guards against: its second record is dropped, and a contract is withheld for the lack of it."""
    answers = await _asked(leaves=True)
    assert answers
    assert not any(answers)
