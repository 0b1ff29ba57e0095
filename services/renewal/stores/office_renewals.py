"""What is read of an office's renewals, never more than a page of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.renewal.domain.flow import VALID
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewal_indexes import STANDS_FOR, SUBSCRIPTION
from shared.storage.store import Store

PAGE = 50
_REGISTERED = "registration.registered_at"


@dataclass(frozen=True, slots=True)
class OfficeRenewals:
    """Queries on the store of renewals."""

    store: Store[Renewal]

    async def newest(
        self, office_ref: str, before: Renewal | None = None, most: int | None = None
    ) -> tuple[list[Renewal], bool]:
        """The office's newest renewals, or the next ones after `before`, the newest first: `most`, by default
        PAGE; and whether there are older ones."""
        most = most or PAGE
        query: dict[str, Any] = {"registration.office_ref": office_ref}
        if before:
            id, at = before.registration.renewal_id, before.registration.registered_at
            query["$or"] = [{_REGISTERED: {"$lt": at}}, {_REGISTERED: at, "_id": {"$lt": id}}]
        found = await self.store.find(query, sort=[(_REGISTERED, -1), ("_id", -1)], limit=most + 1)
        return [stored.state for stored in found[:most]], len(found) > most

    async def valid_of(self, ids: Iterable[UUID]) -> list[Renewal]:
        """The renewals that stand for these subscriptions and are open or have a contract: few, as a term has
        one."""
        wanted = {"$in": list(ids)}
        theirs = [{SUBSCRIPTION: wanted}, {STANDS_FOR: wanted}]
        return await self.store.states({"$or": theirs, "status": {"$in": VALID}})
