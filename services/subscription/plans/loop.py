"""The loop beside requests: publishes plans and lets go what was released."""

from dataclasses import dataclass

from services.subscription.plans.publication import PlanPublisher
from services.subscription.plans.release import PlanReleaser
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop


@dataclass(frozen=True, slots=True)
class PlansLoop:
    publishing: PlanPublisher
    releasing: PlanReleaser
    leader_loop: LeaderLoop

    async def run(self, pulse: Heartbeat) -> None:
        await self.leader_loop.run(self._step, pulse)

    async def _step(self, check_leadership: CheckLeadership) -> bool:
        released = await self.releasing.apply(check_leadership)
        return await self.publishing.publish(check_leadership) or released
