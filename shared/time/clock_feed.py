"""Follows the clock that the local stack moves, and says so, so that whoever moved it can wait."""

import asyncio
from datetime import timedelta

from shared.resilience.retry import suppress_transient
from shared.storage.mongo import Database
from shared.time.clock import OffsetClock

_POLL_SECONDS = 0.2


class ClockFeed:
    """Takes each new `clock {offset, epoch}` (offset in seconds) and acknowledges its epoch as `who`."""

    def __init__(self, clock: OffsetClock, stack: Database, who: str) -> None:
        self._clock = clock
        self._stack = stack
        self._who = who
        self._epoch = 0

    async def read(self) -> None:
        """Take the present setting. Awaited once before anything else runs, so that no restarted
        process decides by the unmoved clock."""
        setting = await self._stack["clock"].find_one({"_id": "clock"})
        if setting is None or setting["epoch"] <= self._epoch:
            return
        self._clock.move(timedelta(seconds=setting["offset"]))
        self._epoch = setting["epoch"]
        await self._stack["clock_acks"].update_one(
            {"_id": self._who}, {"$set": {"epoch": self._epoch}}, upsert=True
        )

    async def follow(self) -> None:
        while True:
            with suppress_transient("clock.fault"):
                await self.read()
            await asyncio.sleep(_POLL_SECONDS)
