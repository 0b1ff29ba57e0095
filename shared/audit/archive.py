"""Moves audit entries out of the aggregates' documents into the collection `audit`, and closes the days.

`audit` holds Entry documents (shared.audit.entries) whose `_id` counts them in the order of their arrival:
1, 2, 3 … without gaps. That is what keeps two archives that both believe to lead from disturbing each other:
both count on from the last number they see, so one of them is refused, and looks again.

Dies before the insert: nothing happened. In the middle of it: the inserts go in order, so the first ones
are there and no number is left out. Between insert and removal: the entries are in both places, which
readers know by their hash; the next archive finds them there and only removes them. After the removal:
all is done. A day is closed by one insert (shared.audit.roots).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import structlog

from shared.audit import entries as audit
from shared.audit.roots import Roots
from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.resilience.retry import suppress_transient
from shared.storage import mongo
from shared.storage.mongo import Collection, Document, IndexModel

log = structlog.get_logger()

BATCH = 500
_POLL_SECONDS = 0.5
_STANDBY_SECONDS = 2.0
_PATIENCE_SECONDS = 900.0

TRAIL = IndexModel([("trail.at", 1)], name="trail", sparse=True)
CHAIN = IndexModel([("aggregate", 1), ("n", 1)], name="chain", unique=True)


@dataclass(frozen=True, slots=True)
class Archive:
    """`trails` are the audited collections, `kept` is where their entries go."""

    trails: Sequence[Collection]
    kept: Collection
    roots: Roots
    lease: Lease
    heartbeat: Heartbeat

    async def run(self) -> None:
        """Work whenever the lease is free and no events wait to be published, or have waited for too long.

        Transient errors do not end it.
        """
        waited = 0.0
        while True:
            pause = _STANDBY_SECONDS
            with suppress_transient("archive.fault"):
                if await self.lease.acquire() is None:
                    self.heartbeat.beat("standby")
                else:
                    waited = waited + _POLL_SECONDS if await self._publishing() else 0.0
                    yields = 0 < waited < _PATIENCE_SECONDS
                    busy = not yields and (await self.move() or await self._close_day())
                    self.heartbeat.beat("leads")
                    pause = 0 if busy else _POLL_SECONDS
            await asyncio.sleep(pause)

    async def _publishing(self) -> bool:
        """Whether events wait to be published: they are urgent, the archive isn't."""
        waiting = [trail.find_one({"outbox.at": {"$gt": mongo.EPOCH}}, {"_id": 1}) for trail in self.trails]
        return any(found is not None for found in await asyncio.gather(*waiting))

    async def _close_day(self) -> bool:
        """The log carries the root out of the reach of whoever can write the database."""
        if (closed := await self.roots.close()) is None:
            return False
        log.info("audit.root", day=closed.day.isoformat(), root=closed.root, entries=closed.count)
        return True

    async def move(self) -> int:
        """Archive what waits, at most BATCH aggregates a collection. Returns how many entries."""
        moved = 0
        for trail in self.trails:
            documents = await _waiting(trail)
            entries = [entry for document in documents for entry in document["trail"] if audit.shaped(entry)]
            # By time, so that few come late for their day's root.
            if done := await self.keep(sorted(entries, key=itemgetter("at"))) if entries else []:
                await _remove(trail, documents, done)
            moved += len(done)
        return moved

    async def keep(self, entries: list[Document]) -> list[str]:
        """Insert those that aren't there. Returns the hashes of all that then are.

        None of them when another archive was at work. One whose number another entry has is left where
        it is, as is what is no entry at all, for the check to find (deploy.audit).
        """
        known = await self._known(entries)
        new = [entry for entry in entries if (entry["aggregate"], entry["n"]) not in known]
        last = await self.kept.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        numbered = enumerate(new, last["_id"] + 1 if last else 1)
        try:
            if new:
                await self.kept.insert_many([{"_id": number, **entry} for number, entry in numbered])
        except mongo.BulkWriteError as error:
            if any(e["code"] != mongo.DUPLICATE for e in (error.details or {})["writeErrors"]):
                raise
            return []
        return [entry["hash"] for entry in new] + list(
            {*known.values()} & {entry["hash"] for entry in entries}
        )

    async def _known(self, entries: list[Document]) -> dict[tuple[str, int], str]:
        wanted = {(entry["aggregate"], entry["n"]) for entry in entries}
        query = {
            "aggregate": {"$in": list({aggregate for aggregate, _ in wanted})},
            "n": {"$gte": min((n for _, n in wanted), default=0)},
        }
        found = self.kept.find(query, {"aggregate": 1, "n": 1, "hash": 1})
        hashes = {(row["aggregate"], row["n"]): row["hash"] async for row in found}
        return {number: hash for number, hash in hashes.items() if number in wanted}


async def _waiting(trail: Collection) -> list[Document]:
    """The longest waiting first: the index's own order."""
    query = trail.find({"trail.at": {"$gt": mongo.EPOCH}}, {"trail": 1}).hint("trail")
    return await query.limit(BATCH).to_list(BATCH)


async def _remove(trail: Collection, documents: list[Document], hashes: list[str]) -> None:
    """By hash: others may have been pushed since."""
    await trail.update_many(
        {"_id": {"$in": [document["_id"] for document in documents]}},
        {"$pull": {"trail": {"hash": {"$in": hashes}}}},
    )
