"""The queue of one partition, whose records are handled window by window."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice

from aiokafka import ConsumerRecord

from shared.messaging.consumption.record_batches import next_offset

# Above FULL the partition is paused, below EMPTY it is resumed, so that the queue stays bounded.
FULL = 1000
EMPTY = 500
WINDOW = 500
"""Records that are handled together at most."""


class Cancelled(Exception):
    """A handler cancelled itself, and with it the queue's task."""


@dataclass(slots=True)
class Window:
    """The next records of a partition, in order. Each is settled once it has had its effect, is parked or is
    a dead letter. While `closing`, no further one is begun: another consumer will get the rest."""

    records: tuple[ConsumerRecord, ...]
    settle: Callable[[ConsumerRecord], None]
    closing: bool = False


class PartitionQueue:
    """The records of one partition. `handle` returns when all records of the window are settled, or when the
    window is closing. It never raises."""

    def __init__(self, handle: Callable[[Window], Awaitable[None]]) -> None:
        self._handle = handle
        self._records: deque[ConsumerRecord] = deque()
        self._settled: set[int] = set()
        self._window: Window | None = None
        self._arrived = asyncio.Event()
        self._closed = False
        self._progress_at = 0.0
        self.position: int | None = None
        """Offset up to which (excluded) every record is settled; None before the first one."""
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
        """Offset of the first record that is not settled, and for how many seconds none was settled; (-1, 0)
        if no record is being handled."""
        if self._window is None or not self._records:
            return -1, 0.0
        return self._records[0].offset, asyncio.get_running_loop().time() - self._progress_at

    @property
    def failure(self) -> BaseException | None:
        """Why the queue died, if it did: a bug, after which this consumer must stop."""
        if self._closed or not self._task.done():
            return None
        return Cancelled() if self._task.cancelled() else self._task.exception()

    async def _run(self) -> None:
        while not self._closed:
            if self._records:
                self._progress_at = asyncio.get_running_loop().time()
                self._window = Window(tuple(islice(self._records, WINDOW)), self._settle)
                await self._handle(self._window)
                self._window = None
            else:
                self._arrived.clear()
                await self._arrived.wait()

    def _settle(self, record: ConsumerRecord) -> None:
        """Move the position over all records at the head that are settled."""
        self._progress_at = asyncio.get_running_loop().time()
        self._settled.add(record.offset)
        while self._records and self._records[0].offset in self._settled:
            first = self._records.popleft()
            self._settled.remove(first.offset)
            self.position = next_offset(first)

    async def drain(self, seconds: float) -> None:
        """Finish the records in hand and drop those that wait: another consumer will get them.

        What takes longer than `seconds` is cancelled. Offsets after it are not committed, so those records
        are delivered again.
        """
        self._closed = True
        if self._window is None:
            self._records.clear()
        else:
            self._window.closing = True
            while self._records and self._records[-1].offset > self._window.records[-1].offset:
                self._records.pop()
        self._arrived.set()
        done, _ = await asyncio.wait({self._task}, timeout=seconds)
        if not done:
            self._task.cancel()
            await asyncio.wait({self._task})
