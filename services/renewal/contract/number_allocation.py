"""Contract numbers: gapless within a year, each allocated to one renewal for ever.

Inserting `{_id: {year, n}, renewal}` *is* the allocation: two unique keys make sure that no number is used
twice and no renewal gets two. Date and number are fixed together. If the process dies after the insert, the
same renewal asks again and gets the same number and date.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.renewal.domain.numbers import ContractNumber
from shared.storage import mongo
from shared.storage.mongo import Collection, Document, IndexModel
from shared.time.calendar import civil_date, start_of_day

INDEXES = (
    IndexModel([("renewal", 1)], name="one_a_renewal", unique=True),
    IndexModel([("_id.year", 1), ("_id.n", -1)], name="last_of_year"),
)


@dataclass(frozen=True, slots=True)
class Allocation:
    number: ContractNumber
    dated: date
    at: datetime


class ContractNumbers:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        # Callers of one process queue here; without the lock they would race for every number.
        self._lock = asyncio.Lock()

    async def allocate(self, renewal_id: UUID, now: datetime, zone: str, void: int = 0) -> Allocation:
        """The renewal's current number, where `void` of its earlier numbers were voided: the one it has, else
        the next of the year in `zone`."""
        holder = f"{renewal_id}/{void}" if void else str(renewal_id)
        async with self._lock:
            while True:
                if stored := await self._collection.find_one({"renewal": holder}):
                    return _read(stored, zone)
                await self._try(holder, now, civil_date(now, zone))

    async def _try(self, holder: str, now: datetime, today: date) -> None:
        """Tries to insert the next number. Another process may take that number, or number this renewal,
        first."""
        last = await self._collection.find_one({"_id.year": today.year}, sort=[("_id.n", -1)])
        number = {"year": today.year, "n": last["_id"]["n"] + 1 if last else 1}
        allocation = {
            "_id": number,
            "renewal": holder,
            "dated": today.isoformat(),
            "at": now.isoformat(),
        }
        try:
            await self._collection.insert_one(allocation)
        except mongo.DuplicateKeyError:
            return


def _read(document: Document, zone: str) -> Allocation:
    """A stored allocation. Older ones without a time count as made at the start of their day."""
    number, dated = (
        ContractNumber.model_validate(document["_id"], extra="ignore"),
        date.fromisoformat(document["dated"]),
    )
    at = document.get("at")
    return Allocation(number, dated, datetime.fromisoformat(at) if at else start_of_day(dated, zone))
