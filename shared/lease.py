"""Who works now: one holder at a time, on the database server's clock.

A lease only avoids needless contention. It is not what keeps things right: a holder that was paused
past its end and wakes up is stopped by the producer's fencing and by compare-and-set.
"""

import asyncio
from contextlib import suppress

from shared import mongo
from shared.mongo import Collection, Document

TTL_SECONDS = 4
_FRESH_SECONDS = TTL_SECONDS / 8


class Lease:
    """`name` is what is held (`relay`, `schedule`), `holder` who we are, unique to the process."""

    def __init__(self, leases: Collection, name: str, holder: str) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._taken_at: float | None = None

    async def acquire(self) -> int | None:
        """Take or extend the lease. Returns its epoch, or None while another holds it.

        The epoch rises with every change of holder.
        """
        lease = await self._take()
        if lease is None:
            await self._create()
            lease = await self._take()
        return int(lease["epoch"]) if lease else None

    @property
    def taken(self) -> bool:
        """Whether it was ours when last asked, by `hold`."""
        return self._taken_at is not None

    async def hold(self) -> bool:
        """Whether it is ours, for those who ask at each step: the server is asked no more than twice a
        second. That leaves most of the lease's time, also to a process that was held still meanwhile."""
        now = asyncio.get_running_loop().time()
        if self._taken_at is not None and now - self._taken_at < _FRESH_SECONDS:
            return True
        self._taken_at = now if await self.acquire() is not None else None
        return self._taken_at is not None

    async def _take(self) -> Document | None:
        ours = {"$eq": ["$holder", self._holder]}
        ended = {"$lte": ["$until", "$$NOW"]}
        return await self._leases.find_one_and_update(
            {"_id": self._name, "$expr": {"$or": [ours, ended]}},
            [{"$set": {
                "epoch": {"$add": ["$epoch", {"$cond": [ours, 0, 1]}]},
                "holder": self._holder,
                "until": {"$add": ["$$NOW", TTL_SECONDS * 1000]},
            }}],
            return_document=mongo.ReturnDocument.AFTER,
        )  # fmt: skip

    async def _create(self) -> None:
        """A lease that nobody holds. (The server refuses an upsert that asks for its own time.)"""
        with suppress(mongo.DuplicateKeyError):
            await self._leases.update_one(
                {"_id": self._name},
                {"$setOnInsert": {"epoch": 0, "holder": "", "until": mongo.EPOCH}},
                upsert=True,
            )

    async def release(self) -> None:
        """Let the next one start at once; nothing happens if it is no longer ours."""
        self._taken_at = None
        await self._leases.update_one(
            {"_id": self._name, "holder": self._holder}, [{"$set": {"until": "$$NOW"}}]
        )
