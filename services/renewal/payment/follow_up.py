"""The loop that follows payments: it reminds offices, ends commitments that aren't kept, and asks for money
that an office says to have paid and nobody has seen.

Each is one conditional save with its event, many in one round trip. If the process dies before a save, the
next round makes it; after it, the stored state shows that it was made. A payment recorded in the meantime
doesn't change the registration: a reminder may cross it, as it may on any day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.renewal.domain.flow import OPEN
from services.renewal.domain.payment.commitment_steps import follow_commitment
from services.renewal.domain.payment.receivable import Receivable, chase_claim, receivable_id
from services.renewal.domain.vendor import Vendor
from services.renewal.payment.settlement import Settlement
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.storage.aggregate import Cause, Stored
from shared.time.clock import Clock

_BATCH = 200
_SETTLED_AFTER = timedelta(minutes=1)
_EASTERNMOST = timedelta(hours=14)
_CLAIM_WAITS, _CLAIM_FORGOTTEN = timedelta(days=3), timedelta(days=60)


@dataclass(frozen=True, slots=True)
class PaymentFollowUp:
    renewals: Renewals
    receivables: Receivables
    settlement: Settlement
    vendor: Vendor
    clock: Clock
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> bool:
        """Whether something changed, so that more may wait."""
        await check_leadership()
        now = self.clock.now()
        await self._settle(now - _SETTLED_AFTER)
        followed = await self._follow_commitments(now)
        await check_leadership()
        return await self._chase_claims(now) or followed

    async def _follow_commitments(self, now: datetime) -> bool:
        due = await self.renewals.with_reminder_due((now + _EASTERNMOST).date(), _BATCH)
        payments = await self.receivables.of_all(stored.state for stored in due)
        decided = [
            (stored, stored.id, decision)
            for stored in due
            if (decision := follow_commitment(stored.state, payments[UUID(stored.id)], self.vendor, now))
        ]
        await self.renewals.save_many(decided, Cause.command("follow commitments"))
        return bool(decided)

    async def _settle(self, until: datetime) -> None:
        """What can't be settled holds up nothing behind it. Then those whose registration was closed since
        money came, or is in force."""
        page = await self.receivables.unsettled(until, _BATCH)
        while page:
            await self.settlement.settle(stored.state.renewal_id for stored in page)
            page = await self.receivables.unsettled(until, _BATCH, page[-1])
        ended = sorted(await self.renewals.without_status(await self.receivables.may_close(), OPEN))
        for start in range(0, len(ended), _BATCH):
            await self.settlement.settle(ended[start : start + _BATCH])

    async def _chase_claims(self, now: datetime) -> bool:
        """Claims that were made on the page, and registrations that were declared as paid. What can't be
        chased holds up nothing behind it."""
        page = await self.receivables.unchased(now - _CLAIM_WAITS, _BATCH)
        while page:
            if await self._chase({stored.state.renewal_id: stored for stored in page}, now):
                return True
            page = await self.receivables.unchased(now - _CLAIM_WAITS, _BATCH, page[-1])
        declared = await self.renewals.declared_paid(now - _CLAIM_FORGOTTEN, now - _CLAIM_WAITS)
        known = await self.receivables.stored_of(declared)
        waiting = [id for id in declared if id not in known]
        for start in range(0, len(waiting), _BATCH):
            if await self._chase(dict.fromkeys(waiting[start : start + _BATCH]), now):
                return True
        return False

    async def _chase(self, claimed: Mapping[UUID, Stored[Receivable] | None], now: datetime) -> bool:
        decided = []
        for id, renewal in (await self.renewals.by_ids(claimed)).items():
            stored = claimed[id]
            state = stored.state if stored else Receivable.of(renewal.registration)
            if decision := chase_claim(state, renewal, self.vendor, now):
                decided.append((stored, str(receivable_id(id)), decision))
        await self.receivables.save_many(decided, Cause.command("chase claims"))
        return bool(decided)
