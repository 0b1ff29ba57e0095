"""Lets invoices follow registrations that were closed: cancelled, or refused.

A request that waits, or an invoice that was issued before the contract, is found by its own stored state. So
nothing is lost if the process dies between two saves, or if a request is saved just after its registration
was closed: the next round finds it.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from services.renewal.domain.flow import OPEN, VALID
from services.renewal.domain.invoice.closure import follow_registration
from services.renewal.invoice.texts import REASONS
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.renewals import Renewals
from shared.background.leader_loop import CheckLeadership
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause
from shared.time.clock import Clock

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class InvoiceClosure:
    renewals: Renewals
    invoices: RequestedInvoices
    clock: Clock

    async def follow(self, check_leadership: CheckLeadership) -> None:
        """Does what is to be done now. Repeated, it does nothing."""
        closed = await self.renewals.without_status(await self.invoices.waiting_ids(), VALID)
        ended = await self.renewals.without_status(await self.invoices.before_contract_ids(), OPEN)
        ids = sorted(closed | ended)
        for start in range(0, len(ids), _AT_ONCE):
            await self._follow(ids[start : start + _AT_ONCE], check_leadership)

    async def _follow(self, ids: Iterable[UUID], check_leadership: CheckLeadership) -> None:
        renewals = await self.renewals.by_ids(ids)
        for stored in await self.invoices.stored_by_renewals(renewals):
            await check_leadership()
            about, now = renewals[stored.state.renewal_id], self.clock.now()
            decision = follow_registration(stored.state, about, REASONS["registration_closed"].vi, now)
            if decision:
                with suppress(Conflict):  # changed in the meantime: the next round sees it
                    cause = Cause.command("follow registration")
                    await self.invoices.save(stored, decision, cause, id=stored.id)
