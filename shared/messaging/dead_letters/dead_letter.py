"""Dead letters: records that no retry can handle, stored whole with the reason, for people to examine and
redrive.

A dead letter is the record as it was (key, body and headers), with four headers after its own: the reason,
and the topic, partition and offset where it was read. `docs/how-to/dead-letters.md` says what to do with one.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import KafkaError

from shared.messaging.broker import ProducerContext
from shared.messaging.envelope import BadRecord, header
from shared.resilience import denials
from shared.resilience.timeouts import with_timeout

log = structlog.get_logger()

Header = tuple[str, bytes | None]

_OURS = ("dead_reason", "dead_topic", "dead_partition", "dead_offset")
_REASON_BYTES = 1000
_SEND_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead-lettered record: `topic`, `partition` and `offset` are where it was read, `at` is when it was
    dead-lettered (real time); `key`, `value` and `headers` are its own, unchecked."""

    topic: str
    partition: int
    offset: int
    reason: str
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]

    @property
    def position(self) -> str:
        """Identifies the source record: if it is dead-lettered twice, both have the same position."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def type(self) -> str:
        return header(self.headers, "ce_type") or ""

    @property
    def subject(self) -> str:
        return header(self.headers, "ce_subject") or (self.key or b"").decode(errors="replace")

    @classmethod
    def read(cls, record: ConsumerRecord) -> Self:
        """Read a record of a dead-letter topic. Raises BadRecord if `DeadLetters` did not publish it."""
        own, added = record.headers[: -len(_OURS)], record.headers[-len(_OURS) :]
        try:
            reason, topic, partition, offset = (value.decode() for _, value in added)
            where = topic, int(partition), int(offset)
        except (AttributeError, ValueError) as error:
            raise BadRecord("no dead letter: its last headers don't say where it died") from error
        if tuple(name for name, _ in added) != _OURS:
            raise BadRecord("no dead letter: its last headers don't say why it died")
        at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        return cls(*where, reason, at, record.key, record.value, tuple(own))


class DeadLetters:
    """Publishes to `topic` and waits for the broker's acknowledgement; the caller commits only after that.

    A producer is started for the first dead letter, and a new one after each failure: a producer whose
    sequence numbers no longer match the broker's (aio-libs/aiokafka#1017) would fail for ever.
    """

    def __init__(self, new_producer: Callable[[], ProducerContext], topic: str) -> None:
        self._new_producer = new_producer
        self._topic = topic
        self._starting = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None
        self._open = AsyncExitStack()

    async def put(self, record: ConsumerRecord, reason: str) -> None:
        """Publish the record with the reason.

        If it dies before that, the record is delivered again. If it dies after it, the record is
        dead-lettered twice with the same source position, which a redrive recognises.

        Raises KafkaError, TimeoutError or OSError if the broker did not acknowledge. The record's partition
        must wait then, because skipping the record would lose it.
        """
        producer = None
        try:
            producer = await self._start()
            sending = producer.send_and_wait(
                self._topic, record.value, key=record.key, headers=_with_reason(record, reason)
            )
            await with_timeout(_SEND_SECONDS, sending)
        except (KafkaError, TimeoutError, OSError) as error:
            denials.note(error)
            log.error("consumer.dead_letter_refused", topic=self._topic, error=type(error).__name__)
            await self._close(producer)
            raise
        log.error(
            "consumer.dead_letter", reason=reason, topic=record.topic, partition=record.partition,
            offset=record.offset,
        )  # fmt: skip

    async def aclose(self) -> None:
        await self._close(self._producer)

    async def _start(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await self._open.enter_async_context(self._new_producer())
            return self._producer

    async def _close(self, producer: AIOKafkaProducer | None) -> None:
        """Does nothing if another queue closed it already, and a new producer runs."""
        if producer is None or producer is not self._producer:
            return
        self._producer, ended = None, self._open.pop_all()
        await ended.aclose()


def _with_reason(record: ConsumerRecord, reason: str) -> list[Header]:
    short_reason = reason.encode()[:_REASON_BYTES].decode(errors="ignore")
    values = (short_reason, record.topic, str(record.partition), str(record.offset))
    return [*record.headers, *((name, value.encode()) for name, value in zip(_OURS, values, strict=True))]
