"""The store of imports and their rows."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.subscription.imports.repeated import RepeatCandidates
from services.subscription.imports.rows import REFUSED, ImportRow, Outcome, Remark, RowVerdict
from services.subscription.imports.state import CONFIRMATION_WAITS, Counts, Import
from shared.storage.aggregate import Stored
from shared.storage.mongo import Collection, Document, IndexModel, InsertOne, UpdateMany, UpdateOne, plain
from shared.storage.store import Store

PHASES = IndexModel([("phase", 1), ("confirmed_at", 1), ("proposed_at", 1)], name="phases")
NEWEST = IndexModel([("proposed_at", -1), ("_id", -1)], name="newest")
OUTCOMES = IndexModel([("import_id", 1), ("reading", 1), ("outcome", 1), ("number", 1)], name="outcomes")
REMARKS = IndexModel(
    [("import_id", 1), ("reading", 1), ("number", 1)],
    name="remarks",
    partialFilterExpression={"remarks.0": {"$exists": True}},
)
_PART = 500
_REPEATED: Document = {
    "subscription_id": None,
    "given": None,
    "remarks": [plain(Remark(field="office_ref", rule="repeated_in_file"))],
    "expected": plain(REFUSED),
    "outcome": "refused",
}


class ImportRows:
    """The rows of imports. Each reading of a file has its own rows, so one that died disturbs no other."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def add(self, id: UUID, reading: int, rows: Iterable[ImportRow]) -> None:
        writes = [InsertOne(_document(id, reading, row)) for row in rows]
        if writes:
            await self._rows.bulk_write(writes, ordered=False)

    async def waiting(self, one: Import, after: int, limit: int) -> list[ImportRow]:
        """The rows that aren't applied yet, by their number, from the one after `after`."""
        query = {**_reading(one), "outcome": None, "number": {"$gt": after}}
        found = await self._rows.find(query).sort("number", 1).limit(limit).to_list(None)
        return [ImportRow.model_validate(document, extra="ignore") for document in found]

    async def expect(self, one: Import, verdicts: Mapping[int, RowVerdict]) -> None:
        """Store each row's verdict, before its subscription is saved."""
        await self._set(
            UpdateOne({"_id": _id(one.id, one.reading, number)}, {"$set": {"expected": plain(verdict)}})
            for number, verdict in verdicts.items()
        )

    async def record_outcomes(self, one: Import, outcomes: Mapping[int, Outcome]) -> None:
        ids: dict[Outcome, list[str]] = defaultdict(list)
        for number, outcome in outcomes.items():
            ids[outcome].append(_id(one.id, one.reading, number))
        await self._set(
            UpdateMany({"_id": {"$in": same}}, {"$set": {"outcome": outcome, "given": None}})
            for outcome, same in ids.items()
        )

    async def refuse_repeated(self, id: UUID, reading: int, candidates: RepeatCandidates) -> None:
        """Refuse all rows about a subscription that another row of this reading is also about: which one is
        right must not be guessed."""
        found: dict[str, list[str]] = defaultdict(list)
        query = {"import_id": str(id), "reading": reading, "outcome": None}
        cursor = self._rows.find(query, {"subscription_id": 1}).batch_size(_PART)
        while rows := await cursor.to_list(_PART):
            for row in rows:
                if UUID(row["subscription_id"]) in candidates:
                    found[row["subscription_id"]].append(row["_id"])
        repeated = [row for rows in found.values() if len(rows) > 1 for row in rows]
        for first in range(0, len(repeated), _PART):
            some = repeated[first : first + _PART]
            await self._set([UpdateMany({"_id": {"$in": some}}, {"$set": _REPEATED})])

    async def counts(self, id: UUID, reading: int) -> Counts:
        """Rows by outcome, or by expected outcome if there is none yet."""
        outcome = {"$ifNull": ["$outcome", "$expected.outcome"]}
        match = {"import_id": str(id), "reading": reading}
        group = {"_id": outcome, "rows": {"$sum": 1}}
        found = await self._rows.aggregate([{"$match": match}, {"$group": group}]).to_list(None)
        return Counts(**{each["_id"]: each["rows"] for each in found})

    async def left(self, one: Import) -> int:
        """How many rows aren't applied yet."""
        return await self._rows.count_documents({**_reading(one), "outcome": None})

    async def refused(self, one: Import, limit: int) -> list[ImportRow]:
        return await self._find({**_reading(one), "outcome": "refused"}, limit)

    async def doubtful(self, one: Import, limit: int) -> list[ImportRow]:
        query = {**_reading(one), "outcome": {"$ne": "refused"}, "remarks.0": {"$exists": True}}
        return await self._find(query, limit)

    async def all(self, one: Import) -> AsyncIterator[list[ImportRow]]:
        """All rows in the file's order, a few hundred at a time."""
        start = f"{one.id}:{one.reading}:"
        cursor = self._rows.find({"_id": {"$gte": start, "$lt": start + ";"}}).sort("_id", 1)
        while found := await cursor.to_list(_PART):
            yield [ImportRow.model_validate(document, extra="ignore") for document in found]

    async def held(self, one: Import) -> AsyncIterator[list[UUID]]:
        cursor = self._rows.find({**_reading(one), "outcome": "held"}).sort("number", 1)
        while found := await cursor.to_list(_PART):
            yield [UUID(document["subscription_id"]) for document in found]

    async def remove(self, id: UUID, readings: Sequence[int]) -> None:
        await self._rows.delete_many({"import_id": str(id), "reading": {"$in": list(readings)}})

    async def _find(self, query: Document, limit: int) -> list[ImportRow]:
        found = await self._rows.find(query).sort("number", 1).limit(limit).to_list(None)
        return [ImportRow.model_validate(document, extra="ignore") for document in found]

    async def _set(self, writes: Iterable[UpdateOne | UpdateMany]) -> None:
        """Each sets what it sets, so that all may be repeated."""
        if made := list(writes):
            await self._rows.bulk_write(made, ordered=False)


class Imports:
    def __init__(self, store: Store[Import], rows: ImportRows) -> None:
        self._store = store
        self.rows = rows
        self.change = store.change

    async def get(self, id: UUID) -> Import | None:
        return await self._store.state(id)

    async def to_apply(self, without: Iterable[str]) -> Import | None:
        """The import that was confirmed first, of those still to be applied."""
        query = {"phase": {"$in": ["confirmed", "applying"]}, "_id": {"$nin": list(without)}}
        return await self._first(query, "confirmed_at")

    async def to_drop(self, now: datetime) -> Import | None:
        """One that nobody confirmed in time."""
        query = {"phase": {"$in": ["reading", "proposed"]}, "proposed_at": {"$lte": now - CONFIRMATION_WAITS}}
        return await self._first(query, "proposed_at")

    async def to_tidy(self) -> Import | None:
        return await self._first({"phase": {"$in": ["applied", "dropped"]}, "tidied": False}, "proposed_at")

    async def page(self, after: tuple[datetime, str] | None, limit: int) -> list[Import]:
        """Imports, the newest first, from the one after `after` (its `proposed_at` and id)."""
        query: dict[str, Any] = {}
        if after:
            at, id = after
            query = {"$or": [{"proposed_at": {"$lt": at}}, {"proposed_at": at, "_id": {"$lt": id}}]}
        found = await self._store.find(query, sort=[("proposed_at", -1), ("_id", -1)], limit=limit)
        return [stored.state for stored in found]

    async def held(self, import_id: UUID) -> AsyncIterator[list[UUID]]:
        """The subscriptions whose dates that import set and that were held, a few hundred at a time.

        Raises LookupError if there is no such import.
        """
        one = await self.get(import_id)
        if one is None:
            raise LookupError(import_id)
        async for ids in self.rows.held(one):
            yield ids

    async def _first(self, query: Mapping[str, Any], order: str) -> Import | None:
        found: list[Stored[Import]] = await self._store.find(query, sort=[(order, 1)], limit=1)
        return found[0].state if found else None


def _document(id: UUID, reading: int, row: ImportRow) -> Document:
    return {"_id": _id(id, reading, row.number), "import_id": str(id), "reading": reading, **plain(row)}


def _id(id: UUID, reading: int, number: int) -> str:
    return f"{id}:{reading}:{number:08d}"


def _reading(one: Import) -> Document:
    return {"import_id": str(one.id), "reading": one.reading}
