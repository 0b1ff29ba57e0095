"""The rule: a contract in force requests its invoice."""

from dataclasses import dataclass

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.invoice.service import InvoiceService
from shared.events.signing import ContractIssued
from shared.messaging.routes import Routes
from shared.storage.aggregate import Cause


@dataclass(frozen=True, slots=True)
class InvoiceHandlers:
    service: InvoiceService

    def add_to(self, routes: Routes) -> None:
        """To be added after the handler that records the contract: it has checked the event."""
        routes.once(ContractIssued, self.request_invoice)

    async def request_invoice(self, event: ContractIssued, cause: Cause) -> None:
        """If the process dies between the contract's save and this one, the message comes again, and only
        this one is left to do."""
        renewal = await self.service.known(event.renewal_id)
        if renewal.status is RegistrationStatus.CONTRACT_ISSUED:
            await self.service.request_by_rule(renewal, cause)
