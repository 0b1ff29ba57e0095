"""The store of notices."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import UUID

from services.notifier.domain.contact import Contact
from services.notifier.domain.notice import Notice, Wait, record
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import EPOCH, LOWEST, Document, IndexModel
from shared.storage.pooled_change import PooledChange
from shared.storage.projection import Projection
from shared.storage.store import Store

ORDER = (("urgency", 1), ("due_at", 1))
INDEXES = (IndexModel([("due_at", 1)], name="due"), IndexModel(ORDER, name="urgency"))


class Notices:
    def __init__(self, store: Store[Notice]) -> None:
        self._store = store
        self.load = store.load

    async def record(self, notice: Notice, cause: Cause) -> None:
        """Save a new notice, as `record` decides."""
        await self._store.change(notice.id, lambda known: record(known, notice), cause)

    def pool(
        self,
        id: UUID,
        contacts: Projection[Contact],
        subscription_id: UUID,
        make: Callable[[Contact | None], Notice],
        cause: Cause,
    ) -> PooledChange[Notice, Contact]:
        """The save of a new notice, which `make` makes for its contact, as `record` decides."""
        return PooledChange(
            self._store,
            str(id),
            contacts,
            str(subscription_id),
            lambda known, contact: record(known, make(contact)),
            cause,
        )

    async def due(
        self,
        now: datetime,
        real: datetime,
        furthest: timedelta,
        limit: int,
        *,
        without: Collection[str] = (),
    ) -> tuple[list[Stored[Notice]], list[str]]:
        """The notices that match `due_query`, the most urgent first, of equal ones the longest due, and the
        ids of unreadable ones."""
        query = due_query(now, real, furthest) | _not(without)
        return await self._store.find_readable(query, sort=ORDER, limit=limit)

    async def next_due_at(self, *, without: Collection[str] = ()) -> datetime | None:
        """When the first of all waiting notices is due, also if that is past."""
        query = {"due_at": {"$gt": EPOCH}} | _not(without)
        cursor = self._store.collection.find(query, {"due_at": 1}).sort("due_at", 1)
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


def due_query(now: datetime, real: datetime, furthest: timedelta) -> Document:
    """The notices due by `now`, and those whose attempt has certainly ended without a recorded result.

    Nothing is postponed or held for longer than `furthest`. A time further ahead was written by a machine
    with a wrong clock, and is ignored."""
    any_urgency = {"urgency": {"$gte": LOWEST}}  # the index begins with it
    due = [{"due_at": {"$lte": now}}, {"due_at": {"$gt": now + furthest}}]
    free = [
        {"held_until": None},
        {"held_until": {"$lte": real}},
        {"held_until": {"$gt": real + furthest}},
    ]
    return {"$and": [any_urgency, {"$or": due}, {"$or": free}]}


def _not(ids: Collection[str]) -> Document:
    return {"_id": {"$nin": list(ids)}} if ids else {}


def _cause(notice: Notice) -> Cause:
    """The sender's saves keep the correlation id of the event that caused the notice."""
    return Cause(message_id=None, correlation_id=notice.correlation_id)
