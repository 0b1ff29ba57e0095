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


class Intake:
    """Takes what the library has fetched, in place of FastStream's own way, which can lose records.

    When the library meets a record that it can't read (a header name that isn't UTF-8, a codec it
    lacks, a wrong checksum), its call fails, and whatever that call had taken from other partitions is
    lost, their positions having moved on. So a call takes one record of whichever partition has some,
    the next one the rest of that partition. The partition of an unreadable record stays where it is.

    Each call's records are given out at once. Held over another await, a rebalance could come between:
    they would then be lost, or put before older records of the same partition.
    """

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._partition: TopicPartition | None = None

    async def take(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        """Records of one partition, at most `at_most`; waits a little where there are none."""
        try:
            return await self._rest(consumer) or await self._first(consumer)
        except ConsumerStoppedError:
            raise
        except Exception as error:  # FastStream would start its loop anew, again and again
            log.error("consumer.fetch_failed", error=type(error).__name__)
            await asyncio.sleep(_FAULT_SECONDS)
            return ()

    async def _rest(self, kafka: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        partition, self._partition = self._partition, None
        if partition is None:
            return ()
        records = await kafka.getmany(partition, max_records=self._at_most)
        return tuple(records.get(partition, ()))

    async def _first(self, kafka: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        for partition, records in (await kafka.getmany(timeout_ms=_WAIT_MS, max_records=1)).items():
            self._partition = partition
            return tuple(records)
        return ()


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
