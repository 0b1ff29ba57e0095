"""Reads all records of a topic, and publishes raw records."""

from dataclasses import dataclass, replace
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared.events import CATALOGUE
from shared.events.base import Event
from shared.messaging.broker import PARTITIONS, RECORD_BYTES
from shared.messaging.envelope import Envelope, read_event
from shared.storage.aggregate import Cause, Stored, envelopes
from tests.support.counter import DAY, Counter


@dataclass(frozen=True, slots=True)
class Raw:
    """A record to publish, valid or not. All have the same key and partition, like those of one aggregate."""

    value: bytes | None
    headers: list[tuple[str, Any]]
    key: bytes = b"key"
    partition: int = 0

    def with_header(self, name: str, value: bytes | None) -> "Raw":
        return replace(self, headers=[(n, v) for n, v in self.headers if n != name] + [(name, value)])


def raw(
    event: Event,
    *,
    sequence: int = 1,
    source: str = "subscription",
    partition: int = 0,
    aggregate: object = None,
) -> Raw:
    """The record of `event` as the relay of its source would publish it. `aggregate`: the aggregate's id, if
    it is not the subscription's."""
    before = Stored(str(aggregate or event.subscription_id), Counter(), sequence=sequence - 1)
    envelope, *_ = envelopes(source, before, (event,), Cause.command(), DAY)
    return Raw(envelope.body, cast("list[tuple[str, Any]]", envelope.headers()), partition=partition)


async def publish(bootstrap: str, topic: str, *records: Raw) -> list[int]:
    """Publish the records, and wait for the broker to acknowledge them. Returns their offsets."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, max_request_size=RECORD_BYTES
    ) as producer:
        return [
            (
                await producer.send_and_wait(
                    topic, record.value, key=record.key, partition=record.partition, headers=record.headers
                )
            ).offset
            for record in records
        ]


async def records(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """All committed records in `topic`, in order within each partition.

    It waits for a transaction that was just committed: the broker writes its markers after it acknowledges
    the commit, and its records cannot be read before that.
    """
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as anything:
        ends = await anything.end_offsets(partitions)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False
    )
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        found: list[ConsumerRecord] = []
        while any([await consumer.position(p) < end for p, end in ends.items()]):
            for taken in (await consumer.getmany(timeout_ms=200)).values():
                found += taken
        return found
    finally:
        await consumer.stop()


async def committed(bootstrap: str, topic: str) -> list[tuple[Envelope, Event]]:
    """All committed events in `topic`, in order within each partition."""
    found = [Envelope.parse(record.headers, record.value) for record in await records(bootstrap, topic)]
    return [(envelope, read_event(CATALOGUE[envelope.type], envelope.body)) for envelope in found]
