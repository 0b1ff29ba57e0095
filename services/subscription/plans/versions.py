"""The store of published plans. A published plan never changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.subscription.domain.plans.plan import PlanTally
from shared.events.base import Stage
from shared.storage import mongo
from shared.storage.mongo import Collection, IndexModel

DAY = IndexModel([("day", 1)], name="day")

DaysAhead = Literal[7, 1]
"""How many days before its own a plan is published."""


class PlanChange(BaseModel):
    """How many subscriptions go from one stage to the other."""

    model_config = ConfigDict(frozen=True)

    old: Stage = Field(serialization_alias="from")
    new: Stage = Field(serialization_alias="to")
    count: int


class PlanFigures(BaseModel):
    """The figures of a plan.

    `hash` is the SHA-256 of the lines `SUBSCRIPTION_ID FROM TO`, by rising id, each followed by a line feed.
    `terminations_hash` is the same of the ends alone: two people release it. `released` of the ends are
    released. `notices_missing` counts ends that lack a notice; these are in neither hash.
    """

    model_config = ConfigDict(frozen=True)

    changes: tuple[PlanChange, ...]
    hash: str
    terminations: int
    terminations_hash: str
    released: int
    notices_missing: int

    @classmethod
    def of(cls, tally: PlanTally) -> Self:
        changes = (PlanChange(old=old, new=new, count=n) for (old, new), n in tally.changes.items())
        return cls(
            changes=tuple(sorted(changes, key=lambda change: (change.old, change.new))),
            hash=tally.hash,
            terminations=tally.terminations,
            terminations_hash=tally.terminations_hash,
            released=tally.released,
            notices_missing=tally.notices_missing,
        )


class PlanVersion(BaseModel):
    """The plan of `day` as it was when it was published, due `ahead` days before."""

    model_config = ConfigDict(frozen=True)

    day: date
    ahead: DaysAhead
    published_at: AwareDatetime
    figures: PlanFigures

    @property
    def id(self) -> str:
        return version_id(self.day, self.ahead)


def version_id(day: date, ahead: int) -> str:
    return f"{day}/{ahead}"


@dataclass(frozen=True, slots=True)
class PlanVersions:
    collection: Collection

    async def missing(self, ids: Sequence[str]) -> set[str]:
        found = self.collection.find({"_id": {"$in": list(ids)}}, {"_id": 1})
        return {*ids} - {document["_id"] async for document in found}

    async def publish(self, version: PlanVersion) -> bool:
        """Publish a version, unless it is published already. Returns whether it was new."""
        try:
            await self.collection.insert_one({"_id": version.id, **mongo.plain(version)})
        except mongo.DuplicateKeyError:
            return False
        return True

    async def between(self, first: date, last: date) -> list[PlanVersion]:
        query = {"day": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        found = self.collection.find(query, {"_id": 0}).sort([("day", 1), ("published_at", 1)])
        return [PlanVersion.model_validate(document, extra="ignore") async for document in found]
