"""Idempotency keys of requests that create a subscription: one key creates one subscription.

A subscription remembers its keys itself. But if a request with the same key names another office, it would
reach another subscription, which doesn't know the key. So the keys are also claimed here.
"""

from dataclasses import dataclass

from shared.resilience.errors import KeyReused
from shared.storage import mongo
from shared.storage.aggregate import MEMORY, Cause
from shared.storage.mongo import Collection, IndexModel
from shared.time.clock import Clock

INDEX = IndexModel([("at", 1)], name="forgotten", expireAfterSeconds=int(MEMORY.total_seconds()))


@dataclass(frozen=True, slots=True)
class IdempotencyKeys:
    collection: Collection
    clock: Clock

    async def claim(self, cause: Cause) -> None:
        """Claim the key for this content, before anything is saved.

        Raises KeyReused if the key was claimed for another content.
        """
        if cause.message_id is None:
            return
        claimed = {"_id": str(cause.message_id), "content": str(cause.content_id)}
        try:
            await self.collection.insert_one({**claimed, "at": self.clock.now()})
        except mongo.DuplicateKeyError:
            if await self.collection.find_one(claimed, {"_id": 1}) is None:
                raise KeyReused from None
