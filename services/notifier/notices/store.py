"""The store of notices."""

from collections.abc import Callable
from datetime import datetime, timedelta

from services.notifier.domain.notice import Notice, Wait, revive
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import EPOCH, Document, IndexModel
from shared.storage.store import Store

INDEXES = (IndexModel([("due_at", 1)], name="due"),)


class Notices:
    def __init__(self, store: Store[Notice]) -> None:
        self._store = store
        self.load = store.load

    async def record(self, notice: Notice, cause: Cause) -> None:
        """Save a new notice. An existing one stays as it is, unless it was overtaken and is true again."""

        def decide(known: Notice | None) -> Decision[Notice] | None:
            state = revive(known, notice) if known else notice
            return Decision(state) if state else None

        await self._store.change(notice.id, decide, cause)

    async def due(
        self, now: datetime, real: datetime, furthest: timedelta, limit: int
    ) -> list[Stored[Notice]]:
        """The notices due by `now`, and those whose attempt has certainly ended without a recorded result.

        Nothing is postponed or held for longer than `furthest`. A time further ahead was written by a machine
        with a wrong clock, and is ignored."""
        due = [{"due_at": {"$lte": now}}, {"due_at": {"$gt": now + furthest}}]
        free = [
            {"held_until": None},
            {"held_until": {"$lte": real}},
            {"held_until": {"$gt": real + furthest}},
        ]
        query = {"$and": [{"$or": due}, {"$or": free}]}
        return await self._store.find(query, sort=[("due_at", 1)], limit=limit)

    async def next_due_at(self) -> datetime | None:
        """When the first of all waiting notices is due, also if that is past."""
        cursor = self._store.collection.find({"due_at": {"$gt": EPOCH}}, {"due_at": 1}).sort("due_at", 1)
        found = await cursor.limit(1).to_list(1)
        return found[0]["due_at"] if found else None

    async def replace(self, stored: Stored[Notice], decision: Decision[Notice]) -> Stored[Notice] | None:
        """Save it if it has not changed since it was read. None: another process changed it first."""
        try:
            return await self._store.save(stored, decision, _cause(stored.state), id=stored.id)
        except Conflict:
            return None

    async def change(
        self, notice: Notice, decide: Callable[[Notice], Decision[Notice] | None]
    ) -> Stored[Notice] | None:
        """Decide on the notice's newest state, and save. None of `decide` changes nothing."""
        return await self._store.change(
            notice.id, lambda known: decide(known) if known else None, _cause(notice)
        )

    async def count_waiting(self) -> dict[Wait, tuple[int, datetime]]:
        """By what they wait for: how many notices are still to be sent, and when the oldest was recorded."""
        steps: list[Document] = [
            {"$match": {"due_at": {"$type": "date"}}},
            {"$group": {"_id": "$waits_for", "count": {"$sum": 1}, "oldest": {"$min": "$recorded_at"}}},
        ]
        found = await self._store.collection.aggregate(steps).to_list(None)
        return {Wait(one["_id"] or Wait.TURN): (one["count"], one["oldest"]) for one in found}


def _cause(notice: Notice) -> Cause:
    """The sender's saves keep the correlation id of the event that caused the notice."""
    return Cause(message_id=None, correlation_id=notice.correlation_id)
