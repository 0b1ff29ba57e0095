"""The stores of uploaded statements and of their lines, and the queries on them."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.bank_line import BankLine, LineStatus
from services.renewal.domain.payment.memo import sought_memo_keys
from services.renewal.domain.payment.statement import LineDirection
from services.renewal.domain.payment.statement_file import StatementFile, StatementPhase
from services.renewal.domain.refusal import RenewalError
from shared.storage.aggregate import Stored
from shared.storage.mongo import Document, IndexModel, plain
from shared.storage.store import Store

_READABLE_AMONG = 10
_SHORTEST = 3
"""Characters of the longest word that is looked for without an amount or a day: shorter ones begin words of
most lines."""
_ORDER = [("line.booked_on", 1), ("_id", 1)]
FILE_INDEXES = (
    IndexModel([("phase", 1), ("uploaded_at", 1)], name="phase"),
    IndexModel([("uploaded_at", -1)], name="newest"),
)
LINE_INDEXES = (
    IndexModel([("status", 1), *_ORDER], name="status"),
    IndexModel([("file_id", 1), ("status", 1), *_ORDER], name="file"),
    IndexModel([("line.twin_id", 1)], name="twin"),
    IndexModel([("found_by", 1), *_ORDER], name="found_by"),
    IndexModel([("line.amount", 1), *_ORDER], name="amount"),
    IndexModel(_ORDER, name="day"),
)
_NEWEST = [(field, -1) for field, _ in _ORDER]


class LineFilter(BaseModel):
    """What a clerk looks for. `text`: words of the memo, the payer, the account or the reference, or their
    beginnings, with or without Vietnamese marks. `first_on` and `last_on` are the days of the lines."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    text: str = Field("", max_length=200)
    amount: int | None = Field(None, ge=1, le=LIMIT)
    first_on: date | None = None
    last_on: date | None = None

    @property
    def is_empty(self) -> bool:
        return self == LineFilter()


class StatementFiles:
    def __init__(self, store: Store[StatementFile]) -> None:
        self._store = store
        self.change = store.change
        self.save = store.save
        self.load = store.load

    async def at_work(self) -> Stored[StatementFile] | None:
        """The one that was uploaded first of those that aren't done."""
        phases = [StatementPhase.UPLOADED, StatementPhase.READ]
        found, _ = await self._store.find_readable(
            {"phase": {"$in": phases}}, sort=[("uploaded_at", 1)], limit=_READABLE_AMONG
        )
        return found[0] if found else None

    async def newest(self, most: int) -> list[StatementFile]:
        found, _ = await self._store.find_readable({}, sort=[("uploaded_at", -1)], limit=most)
        return [stored.state for stored in found]


class BankLines:
    def __init__(self, store: Store[BankLine]) -> None:
        self._store = store
        self.change = store.change
        self.load = store.load
        self.save_many = store.save_many

    async def new_of(self, file_id: UUID, most: int) -> list[Stored[BankLine]]:
        """The file's lines that aren't matched yet, in the order of the days."""
        query = {"file_id": file_id, "status": LineStatus.NEW}
        found, _ = await self._store.find_readable(query, sort=_ORDER, limit=most)
        return found

    async def by_ids(self, ids: Collection[UUID]) -> list[Stored[BankLine]]:
        found, _ = await self._store.find_readable({"_id": {"$in": [str(id) for id in ids]}})
        return found

    async def with_status(self, status: LineStatus, most: int, skip: int = 0) -> list[Stored[BankLine]]:
        """The oldest first."""
        found, _ = await self._store.find_readable({"status": status}, sort=_ORDER, limit=most + skip)
        return found[skip:]

    async def found(
        self, sought: LineFilter, most: int, after: BankLine | None = None
    ) -> list[Stored[BankLine]]:
        """Those that match, the newest first. `after`: only those behind that one. Raises RenewalError for a
        text that is too short to be looked for alone."""
        if (query := _query(sought)) is None:
            return []
        if after:
            day = after.line.booked_on
            behind = {"line.booked_on": day, "_id": {"$lt": str(after.id)}}
            query["$or"] = [{"line.booked_on": {"$lt": day}}, behind]
        found, _ = await self._store.find_readable(query, sort=_NEWEST, limit=most)
        return found

    async def without_keys(self, most: int) -> list[Stored[BankLine]]:
        found, _ = await self._store.find_readable({"found_by": None}, limit=most)
        return found

    async def has_waiting(self, renewal_ids: Collection[UUID], day: date, amount: int) -> bool:
        """Whether a line of that day and amount, which may pay one of these registrations, waits for a
        clerk."""
        orders = {"$in": [str(id) for id in renewal_ids]}
        query: Document = {
            "status": LineStatus.WAITING,
            "line.booked_on": day,
            "line.amount": amount,
            "line.direction": LineDirection.CREDIT,
            "$or": [{"match.candidates.renewal_id": orders}, {"shares.renewal_id": orders}],
        }
        return await self._store.collection.find_one(plain(query), {"_id": 1}) is not None

    async def count(self, query: Document) -> int:
        return await self._store.collection.count_documents(plain(query))

    async def counts_of(self, file_id: UUID) -> dict[str, int]:
        """The file's lines by their verdict."""
        steps: list[Document] = [
            {"$match": {"file_id": str(file_id)}},
            {"$group": {"_id": "$match.verdict", "count": {"$sum": 1}}},
        ]
        found = self._store.collection.aggregate(steps)
        return {each["_id"]: each["count"] async for each in found if each["_id"]}

    async def twins(self, lines: Sequence[BankLine]) -> set[UUID]:
        """Those of `lines` of which another line says the same day, sum and reference, but another memo."""
        twin_ids = {line.line.twin_id for line in lines if line.line.twin_id}
        query = {"line.twin_id": {"$in": plain(list(twin_ids))}}
        found = self._store.collection.find(query, {"line.twin_id": 1})
        others: dict[str, set[str]] = {}
        async for each in found:
            others.setdefault(each["line"]["twin_id"], set()).add(each["_id"])
        return {line.id for line in lines if others.get(str(line.line.twin_id), set()) - {str(line.id)}}

    async def known_of(self, ids: Collection[UUID], file_id: UUID) -> int:
        """How many of these lines an earlier statement had."""
        query = {"_id": {"$in": [str(id) for id in ids]}, "file_id": {"$ne": str(file_id)}}
        return await self._store.collection.count_documents(query)


def _query(sought: LineFilter) -> Document | None:
    """None where the text has nothing that can be searched for. Raises RenewalError."""
    query: Document = {}
    if sought.text:
        if not (begun := sought_memo_keys(sought.text)):
            return None
        if len(begun[0]) < _SHORTEST and sought == LineFilter(text=sought.text):
            raise RenewalError("search-too-short")
        query["found_by"] = {"$all": [re.compile(f"^{key}") for key in begun]}
    if sought.amount is not None:
        query["line.amount"] = sought.amount
    days = {"$gte": sought.first_on, "$lte": sought.last_on}
    if known := {bound: day for bound, day in days.items() if day}:
        query["line.booked_on"] = known
    return query
