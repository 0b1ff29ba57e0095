"""Whether the records of each partition still come in."""

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
    """Progress of each partition: it is fetched with nothing left to take, or what is there is taken.

    Neither client library tells (aio-libs/aiokafka#1154). A fetch loop that died stops the first, a
    consume loop that died the second.
    """

    def __init__(self, limit: float) -> None:
        """`limit`: seconds without progress after which a partition counts as stuck."""
        self._limit = limit
        self._seen: dict[TopicPartition, _Progress] = {}

    async def stuck(
        self, kafka: AIOKafkaConsumer, partitions: Iterable[TopicPartition]
    ) -> set[TopicPartition]:
        """Those of `partitions` (assigned and not paused) that make no progress."""
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
