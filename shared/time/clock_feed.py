"""Follows the clock of the local stack, and acknowledges each change, so that whoever moved it can wait."""

import asyncio
from datetime import timedelta

from shared.resilience.retry import suppress_transient
from shared.storage.mongo import Database
from shared.time.clock import OffsetClock

_POLL_SECONDS = 0.2


class ClockFeed:
    """Applies each new setting `{offset, epoch}` (offset in seconds) and acknowledges its epoch as `who`."""

    def __init__(self, clock: OffsetClock, stack: Database, who: str) -> None:
        self._clock = clock
        self._stack = stack
        self._who = who
        self._epoch = 0

    async def read(self) -> None:
        """Apply the present setting. Awaited once before anything else runs, so that a restarted process
        makes no decision by the unmoved clock."""
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
            with suppress_transient("clock.transient_error"):
                await self.read()
            await asyncio.sleep(_POLL_SECONDS)
