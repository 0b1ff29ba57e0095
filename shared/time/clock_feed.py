"""Follows the clock of the local stack, and acknowledges each change, so that whoever moved it can wait."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from shared.resilience.retry import suppress_transient
from shared.storage.mongo import Database
from shared.time.clock import OffsetClock

_SHORTEST_SECONDS, _LONGEST_SECONDS = 0.2, 3.0


class ClockFeed:
    """Applies each new setting `{offset, epoch}` (offset in seconds) and acknowledges its epoch as `who`.
    `on_move` is called after each."""

    def __init__(
        self, clock: OffsetClock, stack: Database, who: str, on_move: Callable[[], None] = lambda: None
    ) -> None:
        self._clock = clock
        self._stack = stack
        self._who = who
        self._on_move = on_move
        self._epoch = 0

    async def read(self) -> bool:
        """Apply the present setting; returns whether it is a new one. Awaited once before anything else runs,
        so that a restarted process makes no decision by the unmoved clock."""
        setting = await self._stack["clock"].find_one({"_id": "clock"})
        if setting is None or setting["epoch"] <= self._epoch:
            return False
        self._clock.move(timedelta(seconds=setting["offset"]))
        self._epoch = setting["epoch"]
        self._on_move()
        await self._stack["clock_acks"].update_one(
            {"_id": self._who}, {"$set": {"epoch": self._epoch}}, upsert=True
        )
        return True

    async def follow(self) -> None:
        """Look ever less often while nobody moves the clock: one move is often followed by others."""
        pause = _SHORTEST_SECONDS
        while True:
            with suppress_transient("clock.transient_error"):
                pause = _SHORTEST_SECONDS if await self.read() else min(1.1 * pause, _LONGEST_SECONDS)
            await asyncio.sleep(pause)
