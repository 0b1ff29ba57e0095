"""Subscriptions as they are kept, and the questions asked of them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.subscription.domain.subscription import Subscription
from shared.aggregate import Cause, Decision, Stored
from shared.ids import subscription_id
from shared.mongo import IndexModel
from shared.store import Store

INDEXES = (
    IndexModel([("next_change_at", 1)], name="due"),
    IndexModel([("office_ref", 1)], name="office"),
)


Change = tuple[Stored[Subscription] | None, UUID, Decision[Subscription]]


class Subscriptions:
    def __init__(self, store: Store[Subscription]) -> None:
        self._store = store
        self.change = store.change

    async def due(
        self, now: datetime, limit: int, *, without: Collection[str] = ()
    ) -> tuple[list[Stored[Subscription]], list[str]]:
        """Those whose local date brings a change by `now`, the longest due first, and the ids of those
        that can't be read."""
        query: dict[str, Any] = {"next_change_at": {"$lte": now}}
        if without:
            query["_id"] = {"$nin": list(without)}
        return await self._store.find_readable(query, sort=[("next_change_at", 1)], limit=limit)

    async def of_office(self, office_ref: str) -> list[Subscription]:
        return [stored.state for stored in await self._store.find({"office_ref": office_ref})]

    async def get(self, office_ref: str, product_code: str) -> Subscription | None:
        stored = await self._store.load(subscription_id(office_ref, product_code))
        return stored.state if stored else None

    async def many(self, ids: Iterable[UUID]) -> dict[str, Stored[Subscription]]:
        found = await self._store.find({"_id": {"$in": list(ids)}})
        return {stored.id: stored for stored in found}

    async def save_many(self, changes: Iterable[Change]) -> None:
        """Losers of a race are left out: ask again what is still to be done."""
        await self._store.save_many(
            [(stored, str(id), decision) for stored, id, decision in changes], Cause.command()
        )
