"""The loop that reminds offices of a missing signed or stamped form, and voids contracts that they don't sign
in time. Before that, each round lets invoices follow registrations that were closed.

Each reminder is one conditional save with its event. If the process dies before it, the next round makes it;
after it, the stored count shows that it was made.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.renewal.domain.contract.assent import lapse
from services.renewal.domain.registration.reminder import remind
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewals import Renewals
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Decision
from shared.time.clock import Clock

FollowClosed = Callable[[CheckLeadership], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ReminderJob:
    renewals: Renewals
    has_pending_paper: Callable[[UUID], Awaitable[bool]]
    clock: Clock
    leader_loop: LeaderLoop
    follow_closed: FollowClosed

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        await self.follow_closed(check_leadership)
        for stored in await self.renewals.awaiting_office():
            await check_leadership()
            now = self.clock.now()
            decision = remind(stored.state, now) or await self._lapse(stored.state, now)
            if decision:
                with suppress(Conflict):  # changed in the meantime: the next round sees it
                    await self.renewals.save(stored, decision, Cause.command("chase"), id=stored.id)

    async def _lapse(self, renewal: Renewal, now: datetime) -> Decision[Renewal] | None:
        """The decision to let the contract lapse. None where its paper is already in a batch, and is neither
        received nor refused yet."""
        decision = lapse(renewal, now)
        if decision and await self.has_pending_paper(renewal.registration.renewal_id):
            return None
        return decision
