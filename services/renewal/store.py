"""Renewals as they are kept, and the questions asked of them."""

from datetime import date
from uuid import UUID

from services.renewal.domain.renewal import OPEN, STANDING, Renewal
from shared.aggregate import Cause, Decision, Stored
from shared.mongo import IndexModel
from shared.store import Store

_SUBSCRIPTION = "registration.subscription_id"
_BASIS = "registration.term.basis_expires_on"

INDEXES = (
    IndexModel(
        [(_SUBSCRIPTION, 1)],
        name="one_open_a_subscription",
        unique=True,
        partialFilterExpression={"status": {"$in": [status.value for status in OPEN]}},
    ),
    IndexModel(
        [(_SUBSCRIPTION, 1), (_BASIS, 1)],
        name="one_a_term",
        unique=True,
        partialFilterExpression={"status": {"$in": [status.value for status in STANDING]}},
    ),
    IndexModel([("registration.number", 1)], name="number", unique=True),
    IndexModel([("registration.office_ref", 1)], name="office"),
    IndexModel([("dossier.document.sha256", 1)], name="document"),
)


class Renewals:
    def __init__(self, store: Store[Renewal]) -> None:
        self._store = store
        self.load = store.load
        self.save = store.save

    async def add(self, decision: Decision[Renewal], cause: Cause) -> None:
        """Raises Conflict or AlreadyExists where this registration, another open one, or its number is."""
        id = decision.state.registration.renewal_id
        await self._store.save(None, decision, cause, id=id)

    async def how_many(self, subscription_id: UUID) -> int:
        return await self._store.collection.count_documents({_SUBSCRIPTION: str(subscription_id)})

    async def standing(self, subscription_id: UUID, basis: date) -> Renewal | None:
        """What keeps the subscription from another registration: an open one, or a contract for the term."""
        open_one = {"status": {"$in": OPEN}}
        for_the_term = {"status": {"$in": STANDING}, _BASIS: basis}
        found = await self._store.find(
            {_SUBSCRIPTION: subscription_id, "$or": [open_one, for_the_term]}, limit=1
        )
        return found[0].state if found else None

    async def of_office(self, office_ref: str) -> list[Renewal]:
        """All of an office's, the newest first."""
        newest_first = [("registration.registered_at", -1)]
        found = await self._store.find({"registration.office_ref": office_ref}, sort=newest_first)
        return [stored.state for stored in found]

    async def with_document(self, sha256: str) -> list[Stored[Renewal]]:
        """Those whose dossier holds the document."""
        return await self._store.find({"dossier.document.sha256": sha256})
