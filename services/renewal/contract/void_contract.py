"""What follows a contract that was in force and is void now: its money and its invoice.

Renewal hears its own event: the receivable and the invoice are other aggregates than the registration, and
the event reaches them also if the process dies between the saves. Each save remembers the message, so a
repeat does nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from services.renewal.domain.invoice.closure import follow_void_contract
from services.renewal.domain.invoice.requested_invoice import invoice_id
from services.renewal.domain.payment.receivable import Receivable, receivable_id
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.events.renewal import ContractVoided
from shared.messaging.routes import Routes
from shared.resilience.errors import NotYet
from shared.storage.aggregate import Cause, Decision
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class VoidContractHandlers:
    renewals: Renewals
    receivables: Receivables
    invoices: RequestedInvoices
    clock: Clock

    def add_to(self, routes: Routes) -> None:
        routes.once(ContractVoided, self.follow)

    async def follow(self, event: ContractVoided, cause: Cause) -> None:
        """Marks the money that came, which is no longer due: `payment.follow_up` lists it for the desk."""
        if not event.in_force:
            return
        renewal = await self._renewal(event.renewal_id)
        now = self.clock.now()
        await self.compare_again(event.renewal_id, cause)
        await self.invoices.change(
            invoice_id(event.renewal_id), lambda state: follow_void_contract(state, renewal, now), cause
        )

    async def compare_again(self, renewal_id: UUID, cause: Cause) -> None:
        """Marks the receivable, so that `payment.follow_up` compares it with the registration soon. Without
        one, nothing was paid."""
        now = self.clock.now()

        def mark(state: Receivable | None) -> Decision[Receivable] | None:
            return Decision(state.changed(now, unsettled_since=now)) if state else None

        await self.receivables.change(receivable_id(renewal_id), mark, cause)

    async def _renewal(self, id: UUID) -> Renewal:
        if (stored := await self.renewals.load(id)) is None:
            raise NotYet(f"renewals/{id}")
        return stored.state
