"""The store of lists of ends, in parts: a list may be too long for one document."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from services.subscription.domain.plans.plan import PlanLine, PlanTally
from shared.storage import mongo
from shared.storage.mongo import Collection, IndexModel

PART = IndexModel([("owner", 1), ("number", 1)], name="part", unique=True)
_LENGTH = 100
_LINES = TypeAdapter(list[PlanLine])


@dataclass(frozen=True, slots=True)
class EndLists:
    """The ends of plans, in parts. A part is short enough that other work doesn't wait for it."""

    collection: Collection

    async def keep(self, owner: str, parts: AsyncIterator[Sequence[PlanLine]]) -> PlanTally:
        """Store the ends among the lines under the name `owner`. Returns the tally of all lines."""
        tally, waiting, number = PlanTally(), list[PlanLine](), 0
        async for lines in parts:
            for line in lines:
                tally.add(line)
            waiting += [line for line in lines if line.ends or line.missing]
            while len(waiting) >= _LENGTH:
                await self._put(owner, number, waiting[:_LENGTH])
                waiting, number = waiting[_LENGTH:], number + 1
        if waiting:
            await self._put(owner, number, waiting)
            number += 1
        await self.collection.delete_many({"owner": owner, "number": {"$gte": number}})
        return tally

    async def part(self, owner: str, number: int) -> list[PlanLine]:
        """The part with that number. Empty after the last one."""
        found = await self.collection.find_one({"owner": owner, "number": number})
        return _LINES.validate_python(found["lines"]) if found else []

    async def parts(self, owner: str) -> AsyncIterator[list[PlanLine]]:
        number = 0
        while part := await self.part(owner, number):
            yield part
            number += 1

    async def _put(self, owner: str, number: int, lines: Sequence[PlanLine]) -> None:
        key = {"owner": owner, "number": number}
        stored = [mongo.plain(line._asdict()) for line in lines]
        await self.collection.replace_one(key, {**key, "lines": stored}, upsert=True)
