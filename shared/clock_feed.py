"""Follows the clock that the local stack moves, and says so, so that whoever moved it can wait."""

import asyncio
from datetime import timedelta

from shared.clock import OffsetClock
from shared.mongo import Database

_POLL_SECONDS = 0.2


async def follow(clock: OffsetClock, stack: Database, who: str) -> None:
    """Take each new `clock {offset, epoch}` (offset in seconds) and acknowledge its epoch."""
    seen = 0
    while True:
        setting = await stack["clock"].find_one({"_id": "clock"})
        if setting and setting["epoch"] > seen:
            clock.move(timedelta(seconds=setting["offset"]))
            seen = setting["epoch"]
            await stack["clock_acks"].update_one({"_id": who}, {"$set": {"epoch": seen}}, upsert=True)
        await asyncio.sleep(_POLL_SECONDS)
