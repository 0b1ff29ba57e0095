"""Who works now: one holder at a time, on the database server's clock.

A lease only avoids needless contention. It is not what keeps things right: a holder that was paused
past its end and wakes up is stopped by the producer's fencing and by compare-and-set.
"""

import asyncio

from shared.storage import mongo
from shared.storage.mongo import Collection, Document

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

        The epoch rises with every change of holder. Dies after it: nobody works until the lease has ended.
        """
        try:
            lease = await self._take()
        except mongo.DuplicateKeyError:  # of several that make it at once, one does
            return None
        return int(lease["epoch"]) if lease["holder"] == self._holder else None

    @property
    def is_held(self) -> bool:
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

    async def _take(self) -> Document:
        """The lease as it then is. One request, which writes nothing while another holds it."""
        ours = {"$eq": ["$holder", self._holder]}
        ended = {"$lte": [{"$ifNull": ["$until", mongo.EPOCH]}, "$$NOW"]}
        free = {"$or": [ours, ended]}
        changes_hands = {"$cond": [{"$and": [free, {"$not": ours}]}, 1, 0]}
        lease: Document = await self._leases.find_one_and_update(
            {"_id": self._name},
            [{"$set": {
                "epoch": {"$add": [{"$ifNull": ["$epoch", 0]}, changes_hands]},
                "holder": {"$cond": [free, self._holder, "$holder"]},
                "until": {"$cond": [free, {"$add": ["$$NOW", TTL_SECONDS * 1000]}, "$until"]},
            }}],
            upsert=True,
            return_document=mongo.ReturnDocument.AFTER,
        )  # fmt: skip
        return lease

    async def release(self) -> None:
        """Let the next one start at once; nothing happens if it is no longer ours."""
        self._taken_at = None
        await self._leases.update_one(
            {"_id": self._name, "holder": self._holder}, [{"$set": {"until": "$$NOW"}}]
        )
