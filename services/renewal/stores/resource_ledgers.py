"""The store of resource ledgers, and the queries on it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.ledger import ResourceLedger, ledger_id
from services.renewal.domain.resources.picture import GrantState
from shared.storage.aggregate import Stored
from shared.storage.mongo import Document, IndexModel
from shared.storage.store import Store
from shared.time.calendar import civil_date

INDEXES = (
    IndexModel(
        [("waiting_since", 1), ("_id", 1)],
        name="waiting",
        partialFilterExpression={"waiting_since": {"$type": "date"}},
    ),
    IndexModel(
        [("look_since", 1), ("_id", 1)],
        name="looks",
        partialFilterExpression={"look_since": {"$type": "date"}},
    ),
    IndexModel([("lapses_on", 1)], name="lapses", partialFilterExpression={"lapses_on": {"$type": "string"}}),
)


class ResourceLedgers:
    def __init__(self, store: Store[ResourceLedger]) -> None:
        self._store = store
        self.change = store.change
        self.save_many = store.save_many

    async def of(self, subscription_id: UUID) -> ResourceLedger | None:
        return await self._store.state(ledger_id(subscription_id))

    async def of_all(self, subscription_ids: Iterable[UUID]) -> dict[UUID, ResourceLedger]:
        """Those that are stored, by the subscription's id."""
        stored, _ = await self.stored(subscription_ids)
        return {id: each.state for id, each in stored.items()}

    async def grant_states(self, renewals: Sequence[Renewal], now: datetime) -> dict[UUID, GrantState | None]:
        """How the resources of each registration stand, by its id."""
        ledgers = await self.of_all(renewal.registration.subscription_id for renewal in renewals)
        return {
            made.renewal_id: GrantState.of(
                ledgers.get(made.subscription_id), renewal, civil_date(now, made.zone)
            )
            for renewal in renewals
            for made in [renewal.registration]
        }

    async def stored(
        self, subscription_ids: Iterable[UUID]
    ) -> tuple[dict[UUID, Stored[ResourceLedger]], set[UUID]]:
        """Those that are stored and can be read, by the subscription's id, and the subscriptions whose ledger
        can't be read."""
        ids = {str(ledger_id(id)): id for id in subscription_ids}
        found, damaged = await self._store.find_readable({"_id": {"$in": list(ids)}})
        return {ids[each.id]: each for each in found}, {ids[id] for id in damaged}

    async def waiting(self, most: int, after: QueuePosition | None = None) -> list[ResourceLedger]:
        """Those with a grant that the platform hasn't confirmed, the longest waiting first."""
        return await self._since("waiting_since", most, after)

    async def to_look_at(self, most: int, after: QueuePosition | None = None) -> list[ResourceLedger]:
        """Those with an answer at which a clerk must look, the longest waiting first."""
        return await self._since("look_since", most, after)

    async def lapsed(self, before: date, most: int) -> list[Stored[ResourceLedger]]:
        """Those with an open grant whose last day is before that day."""
        found, _ = await self._store.find_readable(
            {"lapses_on": {"$type": "string", "$lt": before.isoformat()}}, sort=[("lapses_on", 1)], limit=most
        )
        return found

    async def _since(self, field: str, most: int, after: QueuePosition | None) -> list[ResourceLedger]:
        query: Document = {field: {"$type": "date"}}
        if after:
            same = {field: after.since, "_id": {"$gt": str(after.id)}}
            query |= {"$or": [{field: {"$gt": after.since}}, same]}
        found, _ = await self._store.find_readable(query, sort=[(field, 1), ("_id", 1)], limit=most)
        return [stored.state for stored in found]
