"""FastStream's broker and subscriber with the guarantees of docs/explanation/reliability.md.

Handlers are registered as with any other FastStream subscriber, and each attempt at a record passes its
middlewares. What differs is around the attempt: FastStream's own loop loses a record whose parser or handler
fails, so here a record is only queued, and `Consumer` calls `process_message` and commits (docs/adr/0004).

This uses internals of FastStream 0.7.8; test_subscriber.py names each of them.
"""

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Any, Protocol, cast

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import ConsumerStoppedError, GroupAuthorizationFailedError
from faststream import AckPolicy
from faststream._internal.broker.registrator import Registrator
from faststream._internal.endpoint.subscriber.call_item import CallsCollection
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.configs import KafkaBrokerConfig
from faststream.kafka.parser import AioKafkaParser
from faststream.kafka.schemas import Topic
from faststream.kafka.subscriber.config import KafkaSubscriberConfig, KafkaSubscriberSpecificationConfig
from faststream.kafka.subscriber.specification import KafkaSubscriberSpecification
from faststream.kafka.subscriber.usecase import DefaultSubscriber
from typing_extensions import override

from shared.messaging.consumption.partition_queue import FULL
from shared.messaging.envelope import BadRecord, Envelope
from shared.resilience import denials

log = structlog.get_logger()

_FETCH_MS = 1000
_FAULT_SECONDS = 0.5
_POLL_INTERVAL_MS = 300_000


class EventMessage(KafkaMessage):
    """A record as FastStream's filters, decoders and middlewares see it. `envelope` is None if the record is
    not one of our events. FastStream acknowledges nothing: the offset is committed elsewhere."""

    envelope: Envelope | None


class EventParser(AioKafkaParser):
    """Never raises. FastStream's own parser fails at a header that is null or not UTF-8."""

    @override
    async def parse_message(self, message: ConsumerRecord) -> EventMessage:
        headers = {name: (value or b"").decode(errors="replace") for name, value in message.headers}
        parsed = EventMessage(
            raw_message=message,
            body=message.value or b"",
            headers=headers,
            content_type=headers.get("content-type"),
            message_id=headers.get("ce_id"),
            correlation_id=headers.get("ce_correlationid"),
            consumer=self._consumer,
        )
        try:
            parsed.envelope = Envelope.parse(message.headers, message.value)
        except BadRecord:
            parsed.envelope = None
        return parsed


class Queues(Protocol):
    """Where fetched records go; also the group's rebalance listener."""

    def enqueue(self, records: Sequence[ConsumerRecord]) -> None: ...

    async def drain(self) -> None: ...


class EventSubscriber(DefaultSubscriber):
    """Fetches records and queues them. It handles none by itself.

    `failing` is why the last fetch failed; None if it succeeded.
    """

    def __init__(
        self,
        config: KafkaSubscriberConfig,
        specification: KafkaSubscriberSpecification,
        calls: CallsCollection[ConsumerRecord],
    ) -> None:
        super().__init__(config, specification, calls)
        self.parser = EventParser(EventMessage, regex=None)
        self._parser = self.parser.parse_message
        self._queues: Queues | None = None
        self.failing: str | None = None

    def feed(self, queues: Queues) -> None:
        """Hand the records to `queues`. Call it before the start."""
        self._queues = self._listener = queues

    @override
    async def get_msg(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        """The records that have arrived, in order within each partition; none while fetching fails.

        FastStream's loop would retry an error too, but tell nobody: `failing` makes the process not ready.
        """
        try:
            taken = await consumer.getmany(timeout_ms=_FETCH_MS, max_records=FULL)
        except ConsumerStoppedError:
            raise
        except Exception as error:
            denials.note(error)
            if isinstance(error, GroupAuthorizationFailedError):
                # This error ended aiokafka's heartbeat, and only joining again starts another.
                consumer._coordinator.request_rejoin()
            self.failing = type(error).__name__
            log.error("consumer.fetch_failed", error=self.failing)
            await asyncio.sleep(_FAULT_SECONDS)
            return ()
        self.failing = None
        return tuple(chain.from_iterable(taken.values()))

    @override
    async def consume_one(self, msg: Sequence[ConsumerRecord]) -> None:
        """Queue the records, as FastStream's concurrent subscribers do. `consume` would swallow errors."""
        if self._queues is not None:
            self._queues.enqueue(msg)

    @override
    async def stop(self) -> None:
        """Finish what is in hand and commit it, then leave the group."""
        try:
            if self._queues is not None:
                await self._queues.drain()
        finally:
            await super().stop()

    @property
    def message(self) -> EventMessage:
        """The message of the attempt that calls this."""
        message: EventMessage = self._outer_config.context.get_local("message")
        return message


class EventBroker(KafkaBroker):
    @override
    def subscriber(  # type: ignore[override]
        self, *topics: str, group_id: str, session_seconds: int = 45
    ) -> EventSubscriber:
        """One member of the group, for all its topics, with the settings that lose nothing.

        `session_seconds`: how long the group waits for a silent member, so how long nobody reads a killed
        process's partitions.
        """
        declared = [Topic(topic, declare=False) for topic in topics]
        calls = CallsCollection[ConsumerRecord]()
        broker = cast("KafkaBrokerConfig", self.config)
        config = KafkaSubscriberConfig(
            topics=declared,
            group_id=group_id,
            connection_args=_connection_args(session_seconds),
            no_reply=True,
            _outer_config=broker,
            _ack_policy=AckPolicy.MANUAL,
        )
        specification = KafkaSubscriberSpecification(
            _outer_config=broker,
            calls=calls,
            specification_config=KafkaSubscriberSpecificationConfig(
                topics=declared, title_=None, description_=None
            ),
        )
        subscriber = EventSubscriber(config, specification, calls)
        Registrator.subscriber(self, subscriber)
        return subscriber


def _connection_args(session_seconds: int) -> dict[str, Any]:
    return {
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
        "session_timeout_ms": session_seconds * 1000,
        "heartbeat_interval_ms": min(3_000, session_seconds * 1000 // 3),
        "max_poll_interval_ms": _POLL_INTERVAL_MS,
        "rebalance_timeout_ms": 60_000,
        "fetch_max_wait_ms": 250,  # longer, and a partition that is given or read again would wait for it
    }
