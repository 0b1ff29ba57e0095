"""Lets invoices follow registrations that were closed: cancelled, or refused.

A request that waits, or an invoice that was issued before the contract, is found by its own stored state. So
nothing is lost if the process dies between two saves, or if a request is saved just after its registration
was closed: the next round finds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.renewal.domain.flow import OPEN, VALID
from services.renewal.domain.invoice.closure import follow_registration
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice, invoice_id
from services.renewal.domain.renewal import Renewal
from services.renewal.invoice.texts import REASONS
from services.renewal.invoices import RequestedInvoices
from services.renewal.store import Renewals
from shared.background.leader_loop import CheckLeadership
from shared.storage.aggregate import Cause, Decision
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
        for id, renewal in (await self.renewals.by_ids(ids)).items():
            await check_leadership()
            await self.invoices.change(
                invoice_id(id),
                lambda state, about=renewal: self._decide(state, about),  # type: ignore[misc]
                Cause.command("follow registration"),
            )

    def _decide(self, state: RequestedInvoice | None, renewal: Renewal) -> Decision[RequestedInvoice] | None:
        reason, now = REASONS["registration_closed"].vi, self.clock.now()
        return follow_registration(state, renewal, reason, now) if state else None
