"""The loop that reminds offices of the form we wait for, signed or stamped.

Each reminder is one conditional save with its event: dead before it, the next look makes it; after it, the
count says that it was made.
"""

from contextlib import suppress
from dataclasses import dataclass

from services.renewal.domain.reminding import reminded
from services.renewal.store import Renewals
from shared.aggregate import Cause
from shared.clock import Clock
from shared.faults import Conflict
from shared.pulse import Pulse
from shared.turns import Alive, Turns


@dataclass(frozen=True, slots=True)
class Chasing:
    renewals: Renewals
    clock: Clock
    turns: Turns

    async def run(self, pulse: Pulse) -> None:
        await self.turns.take(self._step, pulse)

    async def _step(self, alive: Alive) -> None:
        for stored in await self.renewals.to_chase():
            await alive()
            if decision := reminded(stored.state, self.clock.now()):
                with suppress(Conflict):  # it moved: the next look sees how
                    await self.renewals.save(stored, decision, Cause.command("chase"), id=stored.id)
