"""The store of subscriptions, with its queries."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from services.subscription.domain.subscription import Subscription
from shared.audit.entries import AuditEntry
from shared.audit.history import history
from shared.ids import subscription_id
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import EPOCH, Document, IndexModel, plain
from shared.storage.store import Store

log = structlog.get_logger()

INDEXES = (
    IndexModel([("next_change_at", 1)], name="due"),
    IndexModel([("office_ref", 1)], name="office"),
    IndexModel([("stage", 1), ("_id", 1)], name="stage"),
    IndexModel([("product_code", 1), ("_id", 1)], name="product"),
    IndexModel([("licence.expires_on", 1), ("_id", 1)], name="expires"),
    IndexModel([("ends_on", 1), ("_id", 1)], name="ends"),
    IndexModel([("hold", 1), ("_id", 1)], name="held", partialFilterExpression={"hold": {"$type": "string"}}),
    IndexModel(
        [("disputed.renewal_id", 1)],
        name="disputed",
        partialFilterExpression={"disputed.0": {"$exists": True}},
    ),
    IndexModel(
        [("deletion.deleted_at", 1), ("_id", 1)],
        name="deletions",
        partialFilterExpression={"deletion.cancelled": False},
    ),
)

KEPT: Document = {"deletion.deleted_at": None}
"""Those whose data wasn't deleted. Nobody is told the contacts of the others again."""

# The fields of StageFacts (domain/stages/schedule.py), and the zone, which decides the local date.
_KIND: Document = {
    **{name: f"$licence.{name}" for name in ("policy", "expires_on", "zone")},
    **{name: f"${name}.until" for name in ("extension", "exemption")},
    **{name: f"${name}" for name in ("temporary_until", "trust", "stage", "told_on")},
    **{name: f"${name}" for name in ("locked_since", "warned", "notices", "last_notice_on", "hold")},
    "released_on": "$release.day",
    "registering": {"$ne": ["$open_registrations", []]},
    "disputed": {"$ne": ["$disputed", []]},
}

Change = tuple[Stored[Subscription] | None, UUID, Decision[Subscription]]


class SubscriptionCounts(NamedTuple):
    """How many subscriptions there are. `held`: how many have a hold, by its reason."""

    all: int
    held: Mapping[str, int]


class Subscriptions:
    def __init__(self, store: Store[Subscription]) -> None:
        self._store = store
        self.change = store.change

    async def due(
        self, now: datetime, limit: int, *, without: Collection[str] = ()
    ) -> tuple[list[Stored[Subscription]], list[str]]:
        """The subscriptions with a change due by `now`, the longest due first, and the ids of unreadable
        ones."""
        query: dict[str, Any] = {"next_change_at": {"$lte": now}}
        if without:
            query["_id"] = {"$nin": list(without)}
        return await self._store.find_readable(query, sort=[("next_change_at", 1)], limit=limit)

    async def next_due(self, *, without: Collection[str] = ()) -> datetime | None:
        """When the next change is due, also if that is past."""
        query = {"next_change_at": {"$gt": EPOCH}, "_id": {"$nin": list(without)}}
        cursor = self._store.collection.find(query, {"next_change_at": 1}).sort("next_change_at", 1)
        found = await cursor.limit(1).to_list(1)
        return found[0]["next_change_at"] if found else None

    async def get(self, office_ref: str, product_code: str) -> Subscription | None:
        return await self._store.state(subscription_id(office_ref, product_code))

    async def of_office(self, office_ref: str, product_code: str | None = None) -> list[Subscription]:
        """The office's subscription of one product, or of all products (None). Empty if there is none."""
        if product_code is None:
            return await self._store.states({"office_ref": office_ref})
        found = await self.get(office_ref, product_code)
        return [found] if found else []

    async def load(self, id: UUID) -> Stored[Subscription] | None:
        return await self._store.load(id)

    async def with_waiting_deletion(self, most: int) -> list[Subscription]:
        """Those whose data is to be deleted and isn't yet: proposed, or asked of the platform."""
        query = {"deletion.cancelled": False, "deletion.deleted_at": None}
        found, _ = await self._store.find_readable(query, sort=[("_id", 1)], limit=most)
        return [stored.state for stored in found]

    async def page(
        self, query: Mapping[str, Any], fields: Document, order: str, index: str, limit: int
    ) -> list[Document]:
        """`fields` of the matching subscriptions, sorted by `order` and then by id, read through `index`."""
        sort = [(order, 1)] if order == "_id" else [(order, 1), ("_id", 1)]
        found = self._store.collection.find(plain(query), fields).sort(sort).hint(index).limit(limit)
        return await found.to_list(None)

    async def many(self, ids: Iterable[UUID]) -> dict[str, Stored[Subscription]]:
        found = await self._store.find({"_id": {"$in": list(ids)}})
        return {stored.id: stored for stored in found}

    async def readable(self, ids: Iterable[UUID]) -> list[Stored[Subscription]]:
        """The subscriptions with these ids. An unreadable one is logged and left out."""
        found, damaged = await self._store.find_readable({"_id": {"$in": list(ids)}})
        for id in damaged:
            log.error("subscription.damaged", id=id)
        return found

    def sweep(
        self, query: Mapping[str, Any], index: str | None = "_id_"
    ) -> AsyncIterator[list[Subscription]]:
        """All that match, by rising id, a hundred at a time, read through `index` (None: the database
        chooses)."""
        return self._store.sweep(query, index=index)

    def alike(self, query: Mapping[str, Any]) -> AsyncIterator[tuple[Subscription, int]]:
        """One subscription of each group with equal stage facts, and the size of its group."""
        return self._store.kinds(query, _KIND)

    async def history(self, id: UUID) -> list[AuditEntry]:
        """The audit of one subscription, from the first change to the last."""
        return await history(self._store.collection, str(id))

    async def count(self) -> SubscriptionCounts:
        """How many subscriptions there are (estimated), and how many are held, by reason."""
        by_reason: list[dict[str, Any]] = [
            {"$match": {"hold": {"$type": "string"}}},
            {"$group": {"_id": "$hold", "count": {"$sum": 1}}},
        ]
        found = await self._store.collection.aggregate(by_reason).to_list(None)
        held = {group["_id"]: group["count"] for group in found}
        return SubscriptionCounts(await self._store.collection.estimated_document_count(), held)

    async def save_many(self, changes: Iterable[Change], cause: Cause) -> bool:
        """Save all changes that don't lose a race. Returns whether none did; else the caller must query again
        for what is left."""
        decided = [(stored, str(id), decision) for stored, id, decision in changes]
        return await self._store.save_many(decided, cause)
