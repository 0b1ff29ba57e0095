"""The loop beside requests: publishes plans and lets go what was released."""

from dataclasses import dataclass

from services.subscription.plans.publishing import Publishing
from services.subscription.plans.releasing import Releasing
from shared.pulse import Pulse
from shared.turns import Alive, Turns


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
