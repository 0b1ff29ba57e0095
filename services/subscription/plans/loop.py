"""The background loop of plans: publishes plans, and applies the release of ends."""

from dataclasses import dataclass

from services.subscription.plans.publisher import PlanPublisher
from services.subscription.plans.releaser import PlanReleaser
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop


@dataclass(frozen=True, slots=True)
class PlansLoop:
    publisher: PlanPublisher
    releaser: PlanReleaser
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> bool:
        released = await self.releaser.apply(check_leadership)
        return await self.publisher.publish(check_leadership) or released
