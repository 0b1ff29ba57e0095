"""Makes commitments follow payments, which are stored apart: kept once all is paid, open again if not.

A save that changes what is received marks its receivable. If the process dies before the commitment is saved,
or before the mark is removed, `follow_up` finds the mark and does the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.renewal.domain.payment.commitment_steps import settle_commitment
from services.renewal.receivables import Receivables
from services.renewal.store import Renewals
from shared.storage.aggregate import Cause, Decision
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class Settlement:
    renewals: Renewals
    receivables: Receivables
    clock: Clock

    async def settle(self, renewal_ids: Iterable[UUID]) -> None:
        """Many in three round trips. What changes meanwhile stays marked, for the next time."""
        marked = {
            id: stored
            for id, stored in (await self.receivables.stored_by_renewal(renewal_ids)).items()
            if stored.state.unsettled_since
        }
        now, cause = self.clock.now(), Cause.command("settle commitments")
        changes = [
            (stored, stored.id, decision)
            for stored in await self.renewals.stored_by_ids(marked)
            if (decision := settle_commitment(stored.state, marked[UUID(stored.id)].state, now))
        ]
        if await self.renewals.save_many(changes, cause):
            settled = [(stored, stored.id, Decision(stored.state.settled())) for stored in marked.values()]
            await self.receivables.save_many(settled, cause)
