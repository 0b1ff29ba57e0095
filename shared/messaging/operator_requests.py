"""What operators requested of a service: redrives of dead letters first, then a republication. One process at
a time works on it, outside the partition queues."""

import math
from dataclasses import dataclass

from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.messaging.dead_letters.redrive_worker import RedriveWorker
from shared.messaging.republication.republisher import Republisher
from shared.resilience.retry import suppress_transient

PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class OperatorRequests:
    redrives: RedriveWorker
    republisher: Republisher
    leader_loop: LeaderLoop
    heartbeat: Heartbeat

    async def run(self) -> None:
        """Works whenever the lease is free, until cancelled."""
        waits = False

        async def step(check_leadership: CheckLeadership) -> None:
            nonlocal waits
            waits = await self.redrives.sweep(check_leadership)
            waits = await self.republisher.sweep(check_leadership) or waits

        async def until_due() -> float:
            return PAUSE_SECONDS if waits else math.inf

        try:
            await self.leader_loop.run(step, self.heartbeat, until_due)
        finally:
            with suppress_transient("requests.lease"):
                await self.leader_loop.lease.release()
