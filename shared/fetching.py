"""Records as they come in, and whether they still do."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError

log = structlog.get_logger()

_WAIT_MS = 200
_FAULT_SECONDS = 0.5


async def take(kafka: AIOKafkaConsumer, at_most: int) -> list[ConsumerRecord]:
    """What is at hand, about `at_most` records; waits a little for the first.

    One partition a call: when the library meets a record that it can't read (a header name that isn't
    UTF-8, a codec it lacks, a wrong checksum), its call fails, and whatever that call had taken from
    other partitions would be lost, their positions having moved on. The partition of such a record
    stays where it is; the others go on.
    """
    taken: list[ConsumerRecord] = []
    wait = _WAIT_MS
    try:
        while len(taken) < at_most:
            first = await kafka.getmany(timeout_ms=wait, max_records=1)
            if not first:
                break
            for partition, records in first.items():
                taken += records
                rest = await kafka.getmany(partition, max_records=at_most)
                taken += rest.get(partition, [])
            wait = 0
    except ConsumerStoppedError:
        raise
    except Exception as error:  # whatever it is, the records taken so far must not be lost
        log.error("consumer.fetch_failed", error=type(error).__name__)
        await asyncio.sleep(_FAULT_SECONDS)
    return taken


@dataclass(slots=True)
class _Seen:
    position: int
    polled: int | None
    at: float


class Fetching:
    """Progress of each partition: it is fetched with nothing left to take, or what is there is taken.

    Neither client library tells (aio-libs/aiokafka#1154). A fetch loop that died stops the first, a
    consume loop that died or an unreadable record the second.
    """

    def __init__(self, limit: float) -> None:
        """`limit`: seconds without progress after which a partition counts as stuck."""
        self._limit = limit
        self._seen: dict[TopicPartition, _Seen] = {}

    async def stuck(
        self, kafka: AIOKafkaConsumer, partitions: Iterable[TopicPartition]
    ) -> set[TopicPartition]:
        """Those of `partitions` (assigned and not paused) that make no progress."""
        now = asyncio.get_running_loop().time()
        seen = {}
        for partition in set(partitions) & kafka.assignment():
            seen[partition] = await self._look(kafka, partition, now)
        self._seen = seen
        return {partition for partition, last in seen.items() if now - last.at > self._limit}

    async def _look(self, kafka: AIOKafkaConsumer, partition: TopicPartition, now: float) -> _Seen:
        last = self._seen.get(partition) or _Seen(-1, None, now)
        polled = kafka.last_poll_timestamp(partition)
        if polled is None:  # not fetched since it was assigned, so its position may not be known yet
            return last
        position = await kafka.position(partition)
        taken = position >= kafka.last_stable_offset(partition)
        progress = position != last.position or (taken and polled != last.polled)
        return _Seen(position, polled, now if progress else last.at)
