"""Claims: which clerk works on which registration.

Each claim is one conditional write. If the process dies before it, nobody has the claim. If the process dies
after it, the clerk has the claim without knowing. The same request again succeeds, and the claim ends by
itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.renewal.domain.desk.claim import Claim, make_claim
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from shared.storage import mongo
from shared.storage.mongo import Collection, IndexModel, plain
from shared.time.clock import Clock
from shared.web.people import Person

INDEXES = (
    IndexModel([("until", 1)], name="ended", expireAfterSeconds=int(timedelta(days=1).total_seconds())),
)


@dataclass(frozen=True, slots=True)
class Claims:
    collection: Collection
    clock: Clock

    async def take(self, renewal: Renewal, who: Person, *, over: bool = False) -> Claim:
        """Saves the claim. Raises RenewalError if another clerk's claim is in force, unless `over`."""
        claim = make_claim(renewal, who.sub, self.clock.now())
        if await self._set(claim, over=over):
            return claim
        holder = (await self.of([claim.renewal_id])).get(claim.renewal_id)
        raise RenewalError("claimed-by-another", by=holder.by if holder else "")

    async def release(self, renewal_id: UUID, who: Person) -> None:
        """Ends the clerk's own claim; does nothing to another clerk's."""
        await self.collection.delete_one({"_id": str(renewal_id), "by": who.sub})

    async def of(self, ids: Iterable[UUID]) -> dict[UUID, Claim]:
        """The claims on these registrations. Whether one `is_in_force` also depends on its registration's
        state."""
        found = self.collection.find({"_id": {"$in": [str(id) for id in ids]}}, {"_id": 0})
        claims = [Claim.model_validate(document, extra="ignore") async for document in found]
        return {claim.renewal_id: claim for claim in claims}

    async def in_force(self) -> list[Claim]:
        found = self.collection.find({"until": {"$gt": self.clock.now()}}, {"_id": 0})
        return [Claim.model_validate(document, extra="ignore") async for document in found]

    async def _set(self, claim: Claim, *, over: bool) -> bool:
        """Whether the claim was saved. If another clerk's claim is in force, its key is a duplicate."""
        now, free = self.clock.now(), [{"by": claim.by}, {"since": {"$ne": claim.since}}]
        ended = {"until": {"$lte": now}}
        query = {"_id": str(claim.renewal_id)} | ({} if over else {"$or": [*free, ended]})
        try:
            await self.collection.update_one(query, {"$set": plain(claim)}, upsert=True)
        except mongo.DuplicateKeyError:
            return False
        return True
