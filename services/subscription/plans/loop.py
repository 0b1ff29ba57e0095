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
    turns: LeaderLoop

    async def run(self, pulse: Heartbeat) -> None:
        await self.turns.take(self._step, pulse)

    async def _step(self, alive: CheckLeadership) -> bool:
        released = await self.releasing.apply(alive)
        return await self.publishing.publish(alive) or released
