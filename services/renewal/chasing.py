"""The loop that reminds offices of the form we wait for, signed or stamped, and voids the contracts that they
don't sign in time.

Each reminder is one conditional save with its event: dead before it, the next look makes it; after it, the
count says that it was made.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from services.renewal.batches import Batches
from services.renewal.domain.assent import lapsed
from services.renewal.domain.reminding import reminded
from services.renewal.domain.renewal import Renewal
from services.renewal.store import Renewals
from shared.aggregate import Cause, Decision
from shared.clock import Clock
from shared.faults import Conflict
from shared.pulse import Pulse
from shared.turns import Alive, Turns


@dataclass(frozen=True, slots=True)
class Chasing:
    renewals: Renewals
    batches: Batches
    clock: Clock
    turns: Turns

    async def run(self, pulse: Pulse) -> None:
        await self.turns.take(self._step, pulse)

    async def _step(self, alive: Alive) -> None:
        for stored in await self.renewals.to_chase():
            await alive()
            now = self.clock.now()
            decision = reminded(stored.state, now) or await self._lapsed(stored.state, now)
            if decision:
                with suppress(Conflict):  # it moved: the next look sees how
                    await self.renewals.save(stored, decision, Cause.command("chase"), id=stored.id)

    async def _lapsed(self, renewal: Renewal, now: datetime) -> Decision[Renewal] | None:
        """Not one whose paper has come and lies in a batch that nobody has closed."""
        decision = lapsed(renewal, now)
        if decision and await self.batches.lies_in(renewal.registration.renewal_id):
            return None
        return decision
