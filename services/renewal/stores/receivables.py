"""The store of receivables, and the queries on it."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.payment.receivable import Receivable, receivable_id
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from shared.audit.entries import AuditEntry
from shared.audit.history import history
from shared.storage.aggregate import Stored
from shared.storage.mongo import Document, IndexModel
from shared.storage.store import Store

_PAID: Document = {
    "$sum": {
        "$map": {
            "input": {"$filter": {"input": "$receipts", "cond": {"$eq": ["$$this.reversal", None]}}},
            "in": "$$this.amount",
        }
    }
}
"""What counts as received."""
INDEXES = (
    IndexModel(
        [("claimed_since", 1), ("_id", 1)],
        name="claimed",
        partialFilterExpression={"claimed_since": {"$type": "date"}},
    ),
    IndexModel(
        [("unsettled_since", 1), ("_id", 1)],
        name="unsettled_in_order",
        partialFilterExpression={"unsettled_since": {"$type": "date"}},
    ),
    IndexModel(
        [("due_on", 1), ("_id", 1)],
        name="refused_claims_in_order",
        partialFilterExpression={"claim.refused": {"$type": "string"}},
    ),
    IndexModel(
        [("unallocated_since", 1), ("_id", 1)],
        name="unallocated",
        partialFilterExpression={"unallocated_since": {"$type": "date"}},
    ),
    IndexModel(
        [("receipts.line_id", 1)],
        name="line",
        partialFilterExpression={"receipts.line_id": {"$type": "string"}},
    ),
    IndexModel(
        [("over_since", 1), ("_id", 1)],
        name="over",
        partialFilterExpression={"over_since": {"$type": "date"}},
    ),
    IndexModel([("may_close", 1)], name="may_close", partialFilterExpression={"may_close": True}),
    IndexModel(
        [("slips.document.sha256", 1)],
        name="slips",
        partialFilterExpression={"slips.document.sha256": {"$type": "string"}},
    ),
)


class Receivables:
    def __init__(self, store: Store[Receivable]) -> None:
        self._store = store
        self.change = store.change
        self.save_many = store.save_many

    async def of(self, registration: Registration) -> Receivable:
        stored = await self.stored(registration.renewal_id)
        return stored.state if stored else Receivable.of(registration)

    async def stored(self, renewal_id: UUID) -> Stored[Receivable] | None:
        return await self._store.load(receivable_id(renewal_id))

    async def stored_by_renewal(self, ids: Iterable[UUID]) -> dict[UUID, Stored[Receivable] | None]:
        """By the registration's id; None where nothing was claimed or received. Those that can't be read are
        left out."""
        by_id = {str(receivable_id(id)): id for id in ids}
        found, damaged = await self._store.find_readable({"_id": {"$in": list(by_id)}})
        known = {stored.id: stored for stored in found}
        return {renewal: known.get(id) for id, renewal in by_id.items() if id not in damaged}

    async def with_line(self, line_id: UUID) -> list[Receivable]:
        """Those that have a receipt of this line of a statement, reversed ones too."""
        return await self._store.states({"receipts.line_id": {"$type": "string", "$eq": line_id}})

    async def paid_by_renewal(self) -> dict[UUID, int]:
        """What counts as received, for each registration about which something was received."""
        steps: list[Document] = [
            {"$match": {"receipts.0": {"$exists": True}}},
            {"$project": {"renewal_id": 1, "paid": _PAID}},
        ]
        found = self._store.collection.aggregate(steps)
        return {UUID(each["renewal_id"]): each["paid"] async for each in found}

    async def of_all(self, renewals: Iterable[Renewal]) -> dict[UUID, Receivable]:
        """By the registration's id."""
        made = {renewal.registration.renewal_id: renewal.registration for renewal in renewals}
        found = await self._store.states({"_id": {"$in": [receivable_id(id) for id in made]}})
        known = {receivable.renewal_id: receivable for receivable in found}
        return {id: known.get(id) or Receivable.of(registration) for id, registration in made.items()}

    async def stored_of(self, renewal_ids: Collection[UUID]) -> set[UUID]:
        """Those of `renewal_ids` about which something was claimed or received."""
        query = {"_id": {"$in": [str(receivable_id(id)) for id in renewal_ids]}}
        found = self._store.collection.find(query, {"renewal_id": 1})
        return {UUID(each["renewal_id"]) async for each in found}

    async def unsettled(
        self, until: datetime, most: int, after: Stored[Receivable] | None = None
    ) -> list[Stored[Receivable]]:
        """Those whose payments changed until `until`, and whose commitments haven't followed, the longest
        waiting first. `after`: only those behind that one."""
        query = {"unsettled_since": {"$type": "date", "$lte": until}}
        behind = (after.state.unsettled_since, after.id) if after else None
        return await self._page(query, "unsettled_since", most, behind)

    async def unchased(
        self, until: datetime, most: int, after: Stored[Receivable] | None = None
    ) -> list[Stored[Receivable]]:
        """Those that offices said to have paid until `until`, and that they weren't asked for again, the
        longest waiting first. `after`: only those behind that one."""
        query = {
            "claimed_since": {"$type": "date", "$lte": until},
            "claim.claimed_at": {"$type": "date"},
            "claim.chased_at": None,
            "claim.refused": None,
            "$expr": {"$lt": [{"$add": [_PAID, {"$ifNull": ["$here", 0]}]}, "$amount"]},
        }
        behind = (after.state.claimed_since, after.id) if after else None
        return await self._page(query, "claimed_since", most, behind)

    async def refused_unpaid(
        self, before: date, most: int, after: Stored[Receivable] | None = None
    ) -> list[Stored[Receivable]]:
        """Those whose claim was refused, whose day to pay lies `before` that day, and of which not all is
        here, the oldest day first. `after`: only those behind that one."""
        query = {
            "claim.refused": {"$type": "string"},
            "due_on": {"$type": "string", "$lt": before.isoformat()},
            "$expr": {"$lt": [_PAID, "$amount"]},
        }
        behind = (after.state.due_on, after.id) if after else None
        return await self._page(query, "due_on", most, behind)

    async def _page(
        self, query: Document, field: str, most: int, behind: tuple[object, str] | None
    ) -> list[Stored[Receivable]]:
        """By rising `field` and id, and only those `behind` these."""
        if behind:
            last, id = behind
            query = query | {"$or": [{field: {"$gt": last}}, {field: last, "_id": {"$gt": id}}]}
        found, _ = await self._store.find_readable(query, sort=[(field, 1), ("_id", 1)], limit=most)
        return found

    async def slip_owners(self, hashes: Collection[str]) -> dict[UUID, set[str]]:
        """The registrations that have these payment orders, and which of them each has."""
        query = {"slips.document.sha256": {"$in": list(hashes), "$type": "string"}}
        found = self._store.collection.find(query, {"renewal_id": 1, "slips.document.sha256": 1})
        return {
            UUID(each["renewal_id"]): {slip["document"]["sha256"] for slip in each["slips"]} & set(hashes)
            async for each in found
        }

    async def over(self, most: int, after: QueuePosition | None = None) -> list[Receivable]:
        """Those of which more is here than is due, the longest waiting first. `after`: only those behind that
        position."""
        behind = (after.since, str(after.id)) if after else None
        found = await self._page({"over_since": {"$type": "date"}}, "over_since", most, behind)
        return [stored.state for stored in found]

    async def may_close(self) -> list[UUID]:
        """The registrations for which money came while they could still be closed, as last seen."""
        found = self._store.collection.find({"may_close": True}, {"renewal_id": 1})
        return [UUID(each["renewal_id"]) async for each in found]

    async def unallocated(self, most: int) -> list[Receivable]:
        """Those with money that waits to be allocated to products, the longest waiting first."""
        found, _ = await self._store.find_readable(
            {"unallocated_since": {"$type": "date"}}, sort=[("unallocated_since", 1), ("_id", 1)], limit=most
        )
        return [stored.state for stored in found]

    async def claimed(self, most: int) -> list[Receivable]:
        """Those that offices say to have paid and the vendor hasn't found, the longest waiting first."""
        found, _ = await self._store.find_readable(
            {"claimed_since": {"$type": "date"}}, sort=[("claimed_since", 1), ("_id", 1)], limit=most
        )
        return [stored.state for stored in found]

    async def history(self, renewal_id: UUID) -> list[AuditEntry]:
        """The audit entries of the registration's receivable, in order."""
        return await history(self._store.collection, str(receivable_id(renewal_id)))
