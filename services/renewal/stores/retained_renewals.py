"""Which renewals' documents may be deleted, and how far their deletion is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import getitem
from typing import Any
from uuid import UUID

from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.renewal import Renewal
from shared.storage.aggregate import Stored
from shared.storage.mongo import Document, IndexModel, plain
from shared.storage.store import Store

_TERM_END = "registration.term.term_to"
_JOINED_END = "registration.joined.term.term_to"
_REGISTERED = "registration.registered_at"
_UNDELETED = "retention.deletion.approved_at"
_RETENTION = {
    "held": "retention.hold.at",
    "proposed": "retention.proposal.at",
    "unfinished": "retention.unfinished_since",
}
_CONFIRMED = "retention.hold.confirmed_at"
_ENDED = (RegistrationStatus.REFUSED, RegistrationStatus.CANCELLED)

INDEXES = (
    IndexModel(
        [(_UNDELETED, 1), (_TERM_END, 1)],
        name="kept_after_contract",
        partialFilterExpression={"status": RegistrationStatus.CONTRACT_ISSUED.value},
    ),
    IndexModel(
        [(_UNDELETED, 1), ("since", 1)],
        name="kept_after_closure",
        partialFilterExpression={"status": {"$in": [status.value for status in _ENDED]}},
    ),
    *(
        IndexModel([(field, 1)], name=f"dossier_{state}", partialFilterExpression={field: {"$type": "date"}})
        for state, field in _RETENTION.items()
    ),
)


@dataclass(frozen=True, slots=True)
class RetainedRenewals:
    """Queries on the store of renewals."""

    store: Store[Renewal]

    async def shared_documents(self, hashes: Collection[str], id: UUID) -> set[str]:
        """Those of the documents that another renewal keeps in its dossier too."""
        query = {
            "dossier.document.sha256": {"$in": list(hashes)},
            "_id": {"$ne": str(id)},
            _UNDELETED: None,
        }
        found = self.store.collection.find(query, {"dossier.document.sha256": 1})
        others = {paper["document"]["sha256"] async for each in found for paper in each["dossier"]}
        return others & set(hashes)

    async def keeping(self, ids: Iterable[UUID]) -> set[UUID]:
        """Those of these renewals whose documents nobody decided to delete."""
        query = {"_id": {"$in": list(ids)}, _UNDELETED: None}
        found = self.store.collection.find(plain(query), {"_id": 1})
        return {UUID(each["_id"]) async for each in found}

    async def with_retention(self, state: str, most: int) -> list[Renewal]:
        """Those that the desk holds (`held`), that somebody proposed to delete (`proposed`), or whose
        deletion isn't finished (`unfinished`), the longest waiting first."""
        field = _RETENTION[state]
        found, _ = await self.store.find_readable({field: {"$type": "date"}}, sort=[(field, 1)], limit=most)
        return [stored.state for stored in found]

    async def waiting(
        self,
        state: str,
        most: int,
        after: QueuePosition | None = None,
        office_ref: str | None = None,
        *,
        unconfirmed_since: datetime | None = None,
    ) -> list[Stored[Renewal]]:
        """The next of a list of the desk. `unconfirmed_since`: only holds that were placed before, and that
        nobody confirmed since."""
        field = _RETENTION[state]
        conditions = _waiting(field, unconfirmed_since)
        if office_ref:
            conditions.append({"registration.office_ref": office_ref})
        if after:
            same = {field: after.since, "_id": {"$gt": str(after.id)}}
            conditions.append({"$or": [{field: {"$gt": after.since}}, same]})
        found, _ = await self.store.find_readable(
            {"$and": conditions}, sort=[(field, 1), ("_id", 1)], limit=most
        )
        return found

    async def count_waiting(
        self, state: str, most: int, *, unconfirmed_since: datetime | None = None
    ) -> tuple[int, datetime | None]:
        """How many `waiting` finds, at most `most`, and since when the first waits. It reads no renewal."""
        field = _RETENTION[state]
        query = plain({"$and": _waiting(field, unconfirmed_since)})
        count = await self.store.collection.count_documents(query, limit=most)
        first = await self.store.collection.find_one(query, {field: 1}, sort=[(field, 1)])
        since: Any = reduce(getitem, field.split("."), first) if first else None
        return count, since

    async def count(self, state: str) -> int:
        """How many `with_retention` finds without a limit."""
        return await self.store.collection.count_documents({_RETENTION[state]: {"$type": "date"}})

    async def ended_by(self, last: date, most: int) -> list[Renewal]:
        """Those whose registered term, and that of each product joined to them, ended on the day `last` or
        before (the contract's may end later), and those that were closed without a contract by then; at most
        `most` of each, the oldest first. Those that are deleted, held or proposed are left out."""
        undecided: Document = {_UNDELETED: None, "retention.hold": None, "retention.proposal": None}
        in_force: Document = undecided | {
            "status": RegistrationStatus.CONTRACT_ISSUED,
            _TERM_END: {"$lte": last},
            _JOINED_END: {"$not": {"$gt": last}},
        }
        closed_before = datetime.combine(last + timedelta(days=1), time(), UTC)
        ended = undecided | {"status": {"$in": _ENDED}, "since": {"$lt": closed_before}}
        since_unknown = ended | {"since": None, _REGISTERED: {"$lt": closed_before}}
        found: list[Renewal] = []
        for query, end in ((in_force, _TERM_END), (ended, "since"), (since_unknown, _REGISTERED)):
            readable, _ = await self.store.find_readable(query, sort=[(end, 1)], limit=most)
            found += [stored.state for stored in readable]
        return found


def _waiting(field: str, unconfirmed_since: datetime | None) -> list[Document]:
    """The conditions of a list of the desk."""
    if unconfirmed_since is None:
        return [{field: {"$type": "date"}}]
    old = {"$lt": unconfirmed_since}
    return [{field: {"$type": "date"} | old}, {"$or": [{_CONFIRMED: None}, {_CONFIRMED: old}]}]
