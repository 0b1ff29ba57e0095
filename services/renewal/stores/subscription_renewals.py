"""All renewals of a subscription, also where one of them can't be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.renewal.domain.joint.product_renewals import by_product
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewal_indexes import JOINED_SUBSCRIPTION, SUBSCRIPTION
from shared.storage.mongo import Document, plain
from shared.storage.store import Store


@dataclass(frozen=True, slots=True)
class SubscriptionRenewals:
    """Queries on the store of renewals. A joint registration is one of each of its products."""

    store: Store[Renewal]

    async def is_any(self, subscription_id: UUID) -> bool:
        """Whether the subscription has a renewal."""
        query = plain(_of([subscription_id]))
        return await self.store.collection.find_one(query, {"_id": 1}) is not None

    async def on_form(self, renewal_id: UUID) -> set[UUID]:
        """The subscriptions of all products on the renewal's form; none where there is no such renewal."""
        fields = {SUBSCRIPTION: 1, JOINED_SUBSCRIPTION: 1}
        found = await self.store.collection.find_one({"_id": str(renewal_id)}, fields)
        return _subscriptions(found) if found else set()

    async def of_subscriptions(self, ids: Iterable[UUID]) -> tuple[list[Renewal], set[UUID]]:
        """All renewals of these subscriptions that can be read, the oldest first, and the subscriptions that
        have one that can't."""
        wanted = set(ids)
        oldest_first = [("registration.registered_at", 1)]
        found, damaged = await self.store.find_readable(_of(wanted), sort=oldest_first)
        unread: set[UUID] = set()
        if damaged:
            fields = {SUBSCRIPTION: 1, JOINED_SUBSCRIPTION: 1}
            async for each in self.store.collection.find({"_id": {"$in": damaged}}, fields):
                unread |= _subscriptions(each)
        return list(by_product((stored.state for stored in found), wanted)), unread


def _subscriptions(document: Document) -> set[UUID]:
    made = document["registration"]
    return {UUID(each["subscription_id"]) for each in (made, *made.get("joined", ()))}


def _of(ids: Iterable[UUID]) -> Document:
    wanted = {"$in": list(ids)}
    return {"$or": [{SUBSCRIPTION: wanted}, {JOINED_SUBSCRIPTION: wanted}]}
