"""Moves audit entries from the aggregates' documents to the collection `audit`, and closes each day with a
root.

`audit` holds AuditEntry documents (shared.audit.entries) whose `_id` numbers them in the order of their
arrival: 1, 2, 3 … without gaps. So two archives that both believe to lead cannot disturb each other: both
continue from the last number that they see, one of them is refused, and it reads again.

If it dies before the insert, nothing happened. If it dies during the insert, which is ordered, the first
entries are there and no number is missing. If it dies between insert and removal, the entries are in both
places; readers recognise them by their number, and the next archive only removes them. One insert closes a
day (shared.audit.roots).
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import structlog

from shared.audit import entries as audit
from shared.audit.roots import Roots
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.storage import mongo
from shared.storage.mongo import Collection, Document, IndexModel

log = structlog.get_logger()

BATCH = 500
PAUSE_SECONDS = 2.0
_PATIENCE_SECONDS = 900.0

TRAIL = IndexModel([("trail.at", 1)], name="trail", sparse=True)
CHAIN = IndexModel([("aggregate", 1), ("n", 1)], name="chain", unique=True)


@dataclass(frozen=True, slots=True)
class Archive:
    """`trails` are the audited collections, `archived` is the collection to which their entries go."""

    trails: Sequence[Collection]
    archived: Collection
    roots: Roots
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        """Archive while no events wait to be published; after _PATIENCE_SECONDS also while they wait."""
        waited = 0.0

        async def step(check_leadership: CheckLeadership) -> object:
            nonlocal waited
            waited = waited + PAUSE_SECONDS if await self._events_wait() else 0.0
            return not 0 < waited < _PATIENCE_SECONDS and (await self.move() or await self._close_day())

        async def until_due() -> float:
            return PAUSE_SECONDS if waited else math.inf

        await self.leader_loop.run(step, heartbeat, until_due)

    async def _events_wait(self) -> bool:
        """Whether events wait to be published. They are more urgent than the archive."""
        waiting = [trail.find_one({"outbox.at": {"$gt": mongo.EPOCH}}, {"_id": 1}) for trail in self.trails]
        return any(found is not None for found in await asyncio.gather(*waiting))

    async def _close_day(self) -> bool:
        """Close a day and log its root, so that whoever can write to the database cannot change every
        copy."""
        if (closed := await self.roots.close()) is None:
            return False
        log.info("audit.root", day=closed.day.isoformat(), root=closed.root, entries=closed.count)
        return True

    async def move(self) -> int:
        """Archive the waiting entries of at most BATCH aggregates a collection. Returns how many entries."""
        moved = 0
        for trail in self.trails:
            documents = await _waiting(trail)
            entries = [entry for document in documents for entry in document["trail"] if audit.parse(entry)]
            # By time, so that few entries come too late for the root of their day.
            if done := await self.insert(sorted(entries, key=itemgetter("at"))) if entries else []:
                await _remove(trail, documents, done)
            moved += len(done)
        return moved

    async def insert(self, entries: list[Document]) -> list[str]:
        """Insert the entries that are not archived yet. Returns the hashes of all that are archived then.

        Returns none if another archive inserted at the same time. An entry whose number another entry has
        already, and a row that is no valid entry, stay in their document, where `deploy.audit` finds them.
        """
        known = await self._known(entries)
        new = [entry for entry in entries if (entry["aggregate"], entry["n"]) not in known]
        last = await self.archived.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        numbered = enumerate(new, last["_id"] + 1 if last else 1)
        try:
            if new:
                await self.archived.insert_many([{"_id": number, **entry} for number, entry in numbered])
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
        found = self.archived.find(query, {"aggregate": 1, "n": 1, "hash": 1})
        hashes = {(row["aggregate"], row["n"]): row["hash"] async for row in found}
        return {number: hash for number, hash in hashes.items() if number in wanted}


async def _waiting(trail: Collection) -> list[Document]:
    """The documents with waiting entries, the longest waiting first, which is the index's own order."""
    query = trail.find({"trail.at": {"$gt": mongo.EPOCH}}, {"trail": 1}).hint("trail")
    return await query.limit(BATCH).to_list(BATCH)


async def _remove(trail: Collection, documents: list[Document], hashes: list[str]) -> None:
    """Remove archived entries, by hash, because others may have been pushed since."""
    await trail.update_many(
        {"_id": {"$in": [document["_id"] for document in documents]}},
        {"$pull": {"trail": {"hash": {"$in": hashes}}}},
    )
