"""Contract numbers: gapless within a year, each given to one renewal for ever.

Inserting `{_id: {year, n}, renewal}` *is* the allocation: two unique keys see to it that no number is
given twice and no renewal gets two. Date and number are fixed together. Dies after the insert: the
same renewal asks again and gets the same number and date.
"""

import asyncio
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.renewal.domain.numbering import ContractNumber
from shared import mongo
from shared.mongo import Collection, Document, IndexModel

INDEXES = (
    IndexModel([("renewal", 1)], name="one_a_renewal", unique=True),
    IndexModel([("_id.year", 1), ("_id.n", -1)], name="last_of_year"),
)


@dataclass(frozen=True, slots=True)
class Allocation:
    number: ContractNumber
    dated: date


class Numbers:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        # Callers of one process queue here; without it they would race for every single number.
        self._lock = asyncio.Lock()

    async def allocate(self, renewal_id: UUID, today: date) -> Allocation:
        """The renewal's number: its first one, if it has one, else the next of today's year."""
        async with self._lock:
            while True:
                if kept := await self._collection.find_one({"renewal": str(renewal_id)}):
                    return _read(kept)
                await self._try(renewal_id, today)

    async def _try(self, renewal_id: UUID, today: date) -> None:
        """Insert the next number; somebody else may be faster with it, or with this renewal."""
        last = await self._collection.find_one({"_id.year": today.year}, sort=[("_id.n", -1)])
        number = {"year": today.year, "n": last["_id"]["n"] + 1 if last else 1}
        allocation = {"_id": number, "renewal": str(renewal_id), "dated": today.isoformat()}
        try:
            await self._collection.insert_one(allocation)
        except mongo.DuplicateKeyError:
            return


def _read(document: Document) -> Allocation:
    number = ContractNumber.model_validate(document["_id"])
    return Allocation(number, date.fromisoformat(document["dated"]))
