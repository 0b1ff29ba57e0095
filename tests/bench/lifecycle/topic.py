"""Reads what the service has published."""

import time
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.broker import PARTITIONS
from shared.runtime.service import Service
from tests.bench.lifecycle.progress import Progress

_PATIENCE_S = 15.0


class Topic:
    """The topic of the service's events, read like its consumers do: only committed records."""

    def __init__(self, service: Service) -> None:
        name = service.names.topic(service.name)
        self._partitions = [TopicPartition(name, number) for number in range(PARTITIONS)]
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=service.settings.kafka,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def end(self) -> int:
        """The number of offsets, including transaction markers."""
        return sum((await self._consumer.end_offsets(self._partitions)).values())

    async def read_from_here(self) -> None:
        await self._consumer.seek_to_end(*self._partitions)
        for partition in self._partitions:
            await self._consumer.position(partition)

    async def subscriptions_told(self, expected: int) -> int:
        """The number of subscriptions in the records from here on.

        Waits a while for missing ones, because a transaction becomes readable a moment after its commit.
        """
        told: set[bytes] = set()
        progress = Progress("subscriptions counted", expected)
        last = time.monotonic()
        while len(told) < expected and time.monotonic() < last + _PATIENCE_S:
            for records in (await self._consumer.getmany(timeout_ms=200, max_records=10_000)).values():
                told.update(record.key for record in records)
                last = time.monotonic()
            progress.at(len(told))
        return len(told)
