"""The loop beside requests: publishes plans and lets go what was released."""

from dataclasses import dataclass

from services.subscription.plans.publication import Publishing
from services.subscription.plans.release import Releasing
from shared.background.heartbeat import Pulse
from shared.background.leader_loop import Alive, Turns


@dataclass(frozen=True, slots=True)
class PlansLoop:
    publishing: Publishing
    releasing: Releasing
    turns: Turns

    async def run(self, pulse: Pulse) -> None:
        await self.turns.take(self._step, pulse)

    async def _step(self, alive: Alive) -> bool:
        released = await self.releasing.apply(alive)
        return await self.publishing.publish(alive) or released
