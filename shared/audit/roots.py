"""Daily roots: one hash a day (UTC, domain time) that covers every entry archived until then.

Each root hashes the root before it and the entries since, in the order in which they were archived (`_id` of
the collection `audit`, 1, 2, 3 … without gaps). So the last root covers all chains: if a copy of it is kept
elsewhere, it shows whether anything before it was rewritten, even whole chains.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field

from shared.audit.entries import ZEROS
from shared.storage import mongo
from shared.storage.mongo import Collection
from shared.time.clock import Clock

_DAY = timedelta(days=1)
_CHUNK = 2000


class Root(BaseModel):
    """`last` is the number of the last entry that it covers, `count` the number of entries since the root
    before."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)

    day: date = Field(alias="_id")
    root: str
    previous: str
    last: int
    count: int


async def root_of(audit: Collection, previous: str, first: int, last: int) -> str:
    """SHA-256 over the root before and the hashes of the entries `first` to `last`, one a line."""
    total = sha256(previous.encode())
    async for hash in _hashes(audit, first, last):
        total.update(f"\n{hash}".encode())
    return total.hexdigest()


async def _hashes(audit: Collection, first: int, last: int) -> AsyncIterator[str]:
    cursor = audit.find({"_id": {"$gte": first, "$lte": last}}, {"hash": 1}).sort("_id", 1)
    while chunk := await cursor.to_list(_CHUNK):
        for row in chunk:
            yield str(row.get("hash"))


class Roots:
    """`roots` holds one Root a day, with the day as its `_id`."""

    def __init__(self, audit: Collection, roots: Collection, clock: Clock) -> None:
        self._audit = audit
        self._roots = roots
        self._clock = clock

    async def close(self) -> Root | None:
        """Write the root of the first day that has ended and has none. Returns None if there is no such day.

        If it dies before the insert, nothing happened. If two processes do it at once, the database refuses
        the second insert.
        """
        before = await self._last()
        day = before.day + _DAY if before else await self._first_day()
        end = datetime.combine(day + _DAY, time(), UTC) if day else None
        if day is None or end is None or self._clock.now() < end:
            return None
        closed = await self._root(day, end, before)
        try:
            await self._roots.insert_one(mongo.plain(closed.model_dump(by_alias=True)))
        except mongo.DuplicateKeyError:
            return None
        return closed

    async def _last(self) -> Root | None:
        found = await self._roots.find_one({}, sort=[("_id", -1)])
        return Root.model_validate(found, extra="ignore") if found else None

    async def _first_day(self) -> date | None:
        first = await self._audit.find_one({"at": {"$gt": mongo.EPOCH}}, {"at": 1}, sort=[("_id", 1)])
        at: datetime | None = first["at"] if first else None
        return at.date() if at else None

    async def _root(self, day: date, end: datetime, before: Root | None) -> Root:
        """An entry of this day that is archived after an entry of the next day belongs to the next root."""
        previous, first = (before.root, before.last + 1) if before else (ZEROS, 1)
        last = await self._before(first, end)
        hashed = await root_of(self._audit, previous, first, last)
        return Root(day=day, root=hashed, previous=previous, last=last, count=last + 1 - first)

    async def _before(self, first: int, end: datetime) -> int:
        """Number of the last entry, from `first` on, before the first entry made at or after `end`."""
        later = {"_id": {"$gte": first}, "at": {"$gte": end}}
        if found := await self._audit.find_one(later, {"_id": 1}, sort=[("_id", 1)]):
            return int(found["_id"]) - 1
        newest = await self._audit.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        return int(newest["_id"]) if newest else first - 1
