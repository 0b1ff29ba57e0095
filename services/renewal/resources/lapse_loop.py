"""The loop that ends the wait for grants whose last day has passed. If the process dies before its save, the
next round does it; after it, the stored state shows that it was done."""

from dataclasses import dataclass
from datetime import timedelta

from services.renewal.resources.service import ResourceService
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.storage.aggregate import Cause

_BATCH = 200
_WESTERNMOST = timedelta(hours=12)
"""On no day before this many hours ago is it still today, in any zone."""


@dataclass(frozen=True, slots=True)
class LapseLoop:
    service: ResourceService
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> bool:
        """Whether something changed, so that more may wait."""
        await check_leadership()
        day = (self.service.clock.now() - _WESTERNMOST).date()
        lapsed = await self.service.ledgers.lapsed(day, _BATCH)
        ids = [stored.state.subscription_id for stored in lapsed]
        return await self.service.follow_many(ids, Cause.command("follow resources"))
