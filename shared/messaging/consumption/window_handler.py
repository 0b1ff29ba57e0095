"""Handles the records of one partition together, window by window.

The copies of many records are written at once. The effects follow: those of one subscription in their order,
those of different subscriptions together if they are pooled, and otherwise side by side. Before a record has
its effect, all copies of its subscription that come before it are written, and none that comes after it. So
it finds what it would find if records were handled one by one.
"""

import asyncio
from collections import deque

from shared.messaging.consumption.partition_queue import Cancelled, Window
from shared.messaging.consumption.record_handler import ReadRecord, RecordHandler

_READ_AT_ONCE = 25
"""Records read before other work of the process gets its turn."""

Lane = deque[ReadRecord]
"""The records of one subscription that are not handled yet, in their order."""


class WindowHandler:
    def __init__(self, handler: RecordHandler) -> None:
        self._handler = handler

    async def handle(self, window: Window) -> None:
        """Settle all records, or, while the window is closing, those that are begun.

        Dies anywhere: the records that were not committed are delivered again. Copies that are written stay,
        and effects are remembered.
        """
        lanes = await self._read(window)
        while lanes and not window.closing:
            groups = [self._take(lane) for lane in lanes]
            copied = sorted((one for group in groups for one in group), key=lambda one: one.record.offset)
            await self._handler.copy(copied)
            if not window.closing:
                await self._handler.save_pooled([group[-1] for group in groups])
            await self._finish(groups, window)
            lanes = [lane for lane in lanes if lane]

    async def _read(self, window: Window) -> list[Lane]:
        lanes: dict[bytes | None, Lane] = {}
        for n, record in enumerate(window.records):
            if n % _READ_AT_ONCE == _READ_AT_ONCE - 1:
                await asyncio.sleep(0)
            lanes.setdefault(record.key, deque()).append(self._handler.read(record))
        return list(lanes.values())

    def _take(self, lane: Lane) -> list[ReadRecord]:
        """Take the records up to the first one that has effects, included; one alone if messages of its
        subscription are parked: they may come between two copies."""
        taken = [lane.popleft()]
        while lane and not taken[-1].has_effects and not self._handler.is_waited_for(taken[-1]):
            taken.append(lane.popleft())
        return taken

    async def _finish(self, groups: list[list[ReadRecord]], window: Window) -> None:
        """Finish the groups, a few side by side: so the records of other partitions get their turn, and a
        window that closes has few in hand."""
        left = deque(groups)

        async def finish() -> None:
            while left and not window.closing:
                for one in left.popleft():
                    await self._handler.finish(one)
                    window.settle(one.record)

        async with asyncio.TaskGroup() as tasks:
            workers = min(len(groups), self._handler.at_once)
            finishing = [tasks.create_task(finish()) for _ in range(workers)]
        if any(task.cancelled() for task in finishing):
            raise Cancelled
