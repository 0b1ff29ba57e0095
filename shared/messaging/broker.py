"""Kafka: the topics, and producers and consumers with the settings that lose nothing."""

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
"""A producer that runs within the block."""

PARTITIONS = 12
STOP_SECONDS = 5.0
START_SECONDS = 60.0
"""A producer that waits for its id asks again and again, and may wait for an answer that never comes."""
_LEAVE_SECONDS = 30.0
# The client waits for ever for an answer about the cluster when its own reading of it has died.
_CREATE_SECONDS = 60.0
_DAY_MS = 24 * 60 * 60 * 1000
# A dead letter is the original record and the reason, so it must be allowed to be larger.
RECORD_BYTES = 1024 * 1024
DEAD_LETTER_BYTES = 2 * RECORD_BYTES
_ANY_SIZE = 2**31 - 1


def partition_of(key: bytes) -> int:
    """Of one of our topics, as the relay chooses it."""
    every = list(range(PARTITIONS))
    chosen: int = DefaultPartitioner()(key, every, every)
    return chosen


class Names:
    """Topic, group and transactional ids under a namespace (empty in production)."""

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
        """A name without the namespace; None where it is of another. Of the empty one all names are."""
        return name.removeprefix(self._prefix) if name.startswith(self._prefix) else None


def relay_producer(connection: KafkaConnection, transactional_id: str) -> ProducerContext:
    """Transactional for the fencing. The short timeout frees read-committed readers after a crash."""
    return _running(
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
    return _running(
        AIOKafkaProducer(
            **connection.client(),
            enable_idempotence=True,
            acks="all",
            # What came compressed must fit again: the limit that counts is the topic's.
            compression_type="gzip",
            max_request_size=_ANY_SIZE,
        )
    )


@asynccontextmanager
async def _running(producer: AIOKafkaProducer) -> AsyncIterator[AIOKafkaProducer]:
    """Unlike the producer's own context, this closes what a start left open that failed or was cancelled,
    and does not wait for ever for a broker that is away: whoever uses a producer publishes again."""
    try:
        await with_timeout(START_SECONDS, shielded(STOP_SECONDS, producer.start()))
        yield producer
    finally:
        with suppress(TimeoutError):
            await with_timeout(STOP_SECONDS, producer.stop())
        await producer.client.close()


async def leave(kafka: KafkaBroker) -> None:
    """Stop consuming and close the connections, without waiting for ever for a broker that is away."""
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
    """Create what is missing. Existing topics are left as they are: partition counts never change.

    Raises KafkaError, or TimeoutError where the broker took too long.
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
        await shielded(STOP_SECONDS, admin.start())
        return await admin.create_topics(topics)
    finally:
        await admin.close()


_COMPACTED = {"cleanup.policy": "compact"}


def _retention(days: int) -> dict[str, str]:
    return {"retention.ms": str(days * _DAY_MS)}


def _topic(name: str, replication: int, cleanup: dict[str, str], largest: int) -> NewTopic:
    """What is acknowledged is on two brokers, where there are as many: their own default is one."""
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
