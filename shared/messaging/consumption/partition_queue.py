"""The queue of one partition, whose records are handled one after the other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from aiokafka import ConsumerRecord

from shared.messaging.consumption.record_batches import next_offset

# Above FULL the partition is paused, below EMPTY it is resumed, so that the queue stays bounded.
FULL = 1000
EMPTY = 200


class Cancelled(Exception):
    """A handler cancelled itself, and with it the queue's task."""


class PartitionQueue:
    """The records of one partition, handled one after the other.

    `handle` returns when the record has had its effect, is parked or is a dead letter. It never raises.
    """

    def __init__(self, handle: Callable[[ConsumerRecord], Awaitable[None]]) -> None:
        self._handle = handle
        self._records: deque[ConsumerRecord] = deque()
        self._arrived = asyncio.Event()
        self._closed = False
        self._taken_at: float | None = None
        self.position: int | None = None
        """Offset up to which (excluded) every record is handled; None before the first one."""
        self._task = asyncio.create_task(self._run())

    def put(self, record: ConsumerRecord) -> None:
        if not self._closed:
            self._records.append(record)
            self._arrived.set()

    @property
    def waiting(self) -> int:
        return len(self._records)

    @property
    def oldest_ms(self) -> int | None:
        """Kafka timestamp of the record that is being handled or is handled next."""
        return self._records[0].timestamp if self._records else None

    @property
    def in_hand(self) -> tuple[int, float]:
        """Offset of the record that is being handled, and for how many seconds; (-1, 0) if there is none."""
        if self._taken_at is None or not self._records:
            return -1, 0.0
        return self._records[0].offset, asyncio.get_running_loop().time() - self._taken_at

    @property
    def failure(self) -> BaseException | None:
        """Why the queue died, if it did: a bug, after which this consumer must stop."""
        if self._closed or not self._task.done():
            return None
        return Cancelled() if self._task.cancelled() else self._task.exception()

    async def _run(self) -> None:
        while not self._closed:
            while self._records and not self._closed:
                record = self._records[0]
                self._taken_at = asyncio.get_running_loop().time()
                await self._handle(record)
                self._taken_at = None
                self.position = next_offset(record)
                if self._records:
                    self._records.popleft()
            self._arrived.clear()
            if not self._closed:
                await self._arrived.wait()

    async def drain(self, seconds: float) -> None:
        """Finish the record in hand and drop those that wait: another consumer will get them.

        A record that takes longer than `seconds` is cancelled. Its offset is not committed, so it is
        delivered again.
        """
        self._closed = True
        while len(self._records) > 1:
            self._records.pop()
        self._arrived.set()
        done, _ = await asyncio.wait({self._task}, timeout=seconds)
        if not done:
            self._task.cancel()
            await asyncio.wait({self._task})
