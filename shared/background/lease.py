"""A lease: one holder at a time does some work. The database server's clock decides when it ends.

A lease only avoids needless contention. Correctness does not depend on it: a holder that was paused beyond
the lease's end and continues is stopped by the producer's fencing and by compare-and-set.
"""

import asyncio
from collections.abc import Callable

from shared.storage import mongo
from shared.storage.mongo import Collection, Document

TTL_SECONDS = 6
RENEW_SECONDS = TTL_SECONDS / 4
_FRESH_SECONDS = 0.5


Hear = Callable[[int], None]


def ignore_calls(calls: int) -> None:
    """For leases that no process calls through."""


class Lease:
    """`name` is the work (`relay`, `schedule`), `holder` identifies this process. `hear` gets the number of
    calls (shared.background.calls) each time that the lease is asked for."""

    def __init__(self, leases: Collection, name: str, holder: str, hear: Hear = ignore_calls) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._hear = hear
        self._taken_at: float | None = None

    async def acquire(self) -> int | None:
        """Take or extend the lease. Returns its epoch, or None while another process holds it.

        The epoch rises with every change of holder. If the process dies after this, nobody works until the
        lease ends.
        """
        try:
            lease = await self._take()
        except mongo.DuplicateKeyError:  # several processes created it at once, and one succeeded
            return None
        self._hear(lease.get("calls", 0))
        return int(lease["epoch"]) if lease["holder"] == self._holder else None

    @property
    def is_held(self) -> bool:
        """Whether this process held the lease at the last call of `hold`."""
        return self._taken_at is not None

    async def hold(self) -> bool:
        """Take or extend the lease. Returns whether this process holds it.

        Cheap enough for every step: it asks the server at most twice a second. A cached answer is at most
        half a second old, also after a pause of the process.
        """
        now = asyncio.get_running_loop().time()
        if self._taken_at is not None and now - self._taken_at < _FRESH_SECONDS:
            return True
        self._taken_at = now if await self.acquire() is not None else None
        return self._taken_at is not None

    async def _take(self) -> Document:
        """The lease after the attempt. One request, which changes nothing while another process holds it."""
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
        """Let the next process start at once. Does nothing if another process holds the lease."""
        self._taken_at = None
        await self._leases.update_one(
            {"_id": self._name, "holder": self._holder}, [{"$set": {"until": "$$NOW"}}]
        )
