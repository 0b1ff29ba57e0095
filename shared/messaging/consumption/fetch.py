"""Detects partitions from which no more records arrive."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition


@dataclass(slots=True)
class _Progress:
    position: int
    polled: int | None
    at: float


class StallDetector:
    """Watches whether each partition makes progress: its records are taken or, if there are none, it is still
    polled.

    Neither client library reports a stall (aio-libs/aiokafka#1154). If the consume loop died, no records are
    taken; if the fetch loop died, the partition is not polled.
    """

    def __init__(self, limit: float) -> None:
        """`limit`: seconds without progress after which a partition counts as stuck."""
        self._limit = limit
        self._seen: dict[TopicPartition, _Progress] = {}

    async def stuck(
        self, kafka: AIOKafkaConsumer, partitions: Iterable[TopicPartition]
    ) -> set[TopicPartition]:
        """The stalled ones of `partitions`, which are assigned and not paused."""
        now = asyncio.get_running_loop().time()
        seen = {}
        for partition in set(partitions) & kafka.assignment():
            seen[partition] = await self._measure(kafka, partition, now)
        self._seen = seen
        return {partition for partition, last in seen.items() if now - last.at > self._limit}

    async def _measure(self, kafka: AIOKafkaConsumer, partition: TopicPartition, now: float) -> _Progress:
        last = self._seen.get(partition) or _Progress(-1, None, now)
        polled = kafka.last_poll_timestamp(partition)
        if polled is None:  # not fetched since it was assigned, so its position may not be known yet
            return last
        position = await kafka.position(partition)
        taken = position >= kafka.last_stable_offset(partition)
        progress = position != last.position or (taken and polled != last.polled)
        return _Progress(position, polled, now if progress else last.at)
