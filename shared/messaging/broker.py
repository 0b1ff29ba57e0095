"""Kafka: names, topics and producers, with settings under which no record is lost."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code
from aiokafka.partitioner import DefaultPartitioner
from faststream.kafka import KafkaBroker

from shared.messaging.connection import KafkaConnection
from shared.resilience.timeouts import shielded, with_timeout

ProducerContext = AbstractAsyncContextManager[AIOKafkaProducer]
"""Starts a producer, and stops it at the end of the block."""

PARTITIONS = 12
STOP_SECONDS = 5.0
START_SECONDS = 60.0
"""A limit is needed: the start of a producer may wait for ever for its id."""
_LEAVE_SECONDS = 55.0
# A limit is needed: if the client's task that reads the cluster's metadata dies, it waits for ever.
_CREATE_SECONDS = 60.0
_DAY_MS = 24 * 60 * 60 * 1000
# A dead letter is the original record and the reason, so it may be larger than a record.
RECORD_BYTES = 1024 * 1024
DEAD_LETTER_BYTES = 2 * RECORD_BYTES
_ANY_SIZE = 2**31 - 1


def partition_of(key: bytes) -> int:
    """The partition of a key in an event topic, as the relay chooses it."""
    every = list(range(PARTITIONS))
    chosen: int = DefaultPartitioner()(key, every, every)
    return chosen


class KafkaNames:
    """Names of topics, groups and transactional ids under a namespace (empty in production)."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{namespace}." if namespace else ""

    def topic(self, producer: str) -> str:
        return f"{self._prefix}{producer}.events"

    def compacted(self, producer: str, snapshot: str) -> str:
        return f"{self._prefix}{producer}.{snapshot}"

    def group(self, service: str) -> str:
        return f"{self._prefix}{service}"

    def dead(self, service: str) -> str:
        return f"{self._prefix}{service}.dead"

    def transactional_id(self, service: str) -> str:
        return f"{self._prefix}{service}.relay"

    def local(self, name: str) -> str | None:
        """The name without the namespace; None if it belongs to another namespace. The empty namespace has
        all names."""
        return name.removeprefix(self._prefix) if name.startswith(self._prefix) else None


def relay_producer(connection: KafkaConnection, transactional_id: str) -> ProducerContext:
    """Transactional, so that a new leader fences the old one. After a crash, read-committed readers wait only
    for the short transaction timeout."""
    return _run_producer(
        AIOKafkaProducer(
            **connection.client(),
            transactional_id=transactional_id,
            transaction_timeout_ms=15_000,
            linger_ms=0,
            max_batch_size=256 * 1024,
            max_request_size=RECORD_BYTES,
        )
    )


def dead_letter_producer(connection: KafkaConnection) -> ProducerContext:
    return _run_producer(
        AIOKafkaProducer(
            **connection.client(),
            enable_idempotence=True,
            acks="all",
            # A record that came compressed must fit again; only the topic's own limit counts.
            compression_type="gzip",
            max_request_size=_ANY_SIZE,
        )
    )


def republication_producer(connection: KafkaConnection) -> ProducerContext:
    """Idempotent. It needs no transaction: a repeated record changes nothing for its readers."""
    return _run_producer(
        AIOKafkaProducer(
            **connection.client(),
            enable_idempotence=True,
            acks="all",
            max_batch_size=256 * 1024,
            max_request_size=RECORD_BYTES,
        )
    )


@asynccontextmanager
async def _run_producer(producer: AIOKafkaProducer) -> AsyncIterator[AIOKafkaProducer]:
    """Run the producer within the block.

    Unlike the producer's own context manager, this closes the connections of a start that failed or was
    cancelled, and those of a stop that is cancelled. It does not wait for ever for a broker that does not
    answer: the caller publishes again.
    """
    try:
        await with_timeout(START_SECONDS, producer.start())
        yield producer
    finally:
        await shielded(2 * STOP_SECONDS, _stop(producer))


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        with suppress(TimeoutError):
            await with_timeout(STOP_SECONDS, producer.stop())
    finally:
        await producer.client.close()


async def leave(kafka: KafkaBroker) -> None:
    """Drain, stop consuming and close the connections; wait only a limited time for a broker that does not
    answer."""
    with suppress(TimeoutError):
        await with_timeout(_LEAVE_SECONDS, kafka.stop())


async def ensure_topics(
    connection: KafkaConnection,
    events: list[str],
    dead: list[str],
    compacted: Sequence[str] = (),
    *,
    replication: int,
) -> None:
    """Create missing topics. Existing ones are left as they are: partition counts never change.

    Raises KafkaError, or TimeoutError if the broker took too long.
    """
    topics = [_topic(name, replication, _retention(30), RECORD_BYTES) for name in events]
    topics += [_topic(name, replication, _retention(60), DEAD_LETTER_BYTES) for name in dead]
    topics += [_topic(name, replication, _COMPACTED, RECORD_BYTES) for name in compacted]
    answer = await with_timeout(_CREATE_SECONDS, _create(connection, topics))
    for name, code, *_ in answer.topic_errors:
        error: type[Any] = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(f"topic {name} could not be created")


async def _create(connection: KafkaConnection, topics: list[NewTopic]) -> Any:
    admin = AIOKafkaAdminClient(**connection.client())
    try:
        await admin.start()
        return await admin.create_topics(topics)
    finally:
        await shielded(STOP_SECONDS, admin.close())


_COMPACTED = {"cleanup.policy": "compact"}


def _retention(days: int) -> dict[str, str]:
    return {"retention.ms": str(days * _DAY_MS)}


def _topic(name: str, replication: int, cleanup: dict[str, str], largest: int) -> NewTopic:
    """An acknowledged record is on two brokers, if the topic has two replicas. Kafka's default is one
    broker."""
    in_step = min(replication, max(2, replication - 1))
    return NewTopic(
        name,
        num_partitions=PARTITIONS,
        replication_factor=replication,
        topic_configs={
            **cleanup,
            "max.message.bytes": str(largest),
            "min.insync.replicas": str(in_step),
        },
    )
