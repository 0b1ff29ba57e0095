"""All renewals of a subscription, also where one of them can't be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.renewal.domain.renewal import Renewal
from shared.storage.store import Store

_SUBSCRIPTION = "registration.subscription_id"


@dataclass(frozen=True, slots=True)
class SubscriptionRenewals:
    """Queries on the store of renewals."""

    store: Store[Renewal]

    async def is_any(self, subscription_id: UUID) -> bool:
        """Whether the subscription has a renewal."""
        query = {_SUBSCRIPTION: str(subscription_id)}
        return await self.store.collection.find_one(query, {"_id": 1}) is not None

    async def of_subscriptions(self, ids: Iterable[UUID]) -> tuple[list[Renewal], set[UUID]]:
        """All renewals of these subscriptions that can be read, the oldest first, and the subscriptions that
        have one that can't."""
        oldest_first = [("registration.registered_at", 1)]
        found, damaged = await self.store.find_readable(
            {_SUBSCRIPTION: {"$in": list(ids)}}, sort=oldest_first
        )
        unread: set[UUID] = set()
        if damaged:
            theirs = self.store.collection.find({"_id": {"$in": damaged}}, {_SUBSCRIPTION: 1})
            unread = {UUID(each["registration"]["subscription_id"]) async for each in theirs}
        return [stored.state for stored in found], unread
