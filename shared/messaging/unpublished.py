"""Events that are in an outbox and not yet in Kafka. While a relay works, no event stays there for long."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.storage import mongo
from shared.storage.mongo import Collection
from shared.time.clock import Clock
from shared.web.health import Unready

_READ_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class UnpublishedEvents:
    """`clock` is domain time, as in the events. When the local stack moves it, events recorded before the
    move look that much older until they are published."""

    outboxes: Sequence[Collection]
    clock: Clock
    limit_seconds: float

    async def age(self) -> float:
        """Seconds since the oldest of them was recorded; 0 if there is none."""
        times = await asyncio.gather(*(_oldest(outbox) for outbox in self.outboxes))
        waiting = [time for time in times if time is not None]
        return max((self.clock.now() - min(waiting)).total_seconds(), 0.0) if waiting else 0.0

    async def probe(self) -> str:
        """Raises Unready beyond the limit: no process publishes then, even if this one's relay seems well."""
        age = await self.age()
        if age > self.limit_seconds:
            raise Unready(f"the oldest event waits for {age:.0f} s to be published")
        return f"oldest {age:.0f} s"


async def _oldest(outbox: Collection) -> datetime | None:
    query = outbox.find({"outbox.at": {"$gt": mongo.EPOCH}}, {"outbox.at": 1}).hint("outbox")
    with mongo.limit(_READ_SECONDS):
        found = await query.limit(1).to_list(1)
    return min(entry["at"] for entry in found[0]["outbox"]) if found else None
