"""Handles the events of the renewal service about contracts on their way: accepted, waiting for the office's
signature, void."""

from dataclasses import dataclass

from services.subscription.domain.changes import registration
from services.subscription.domain.changes.contract_void import void_contract
from services.subscription.lifecycle.handlers import LifecycleHandlers
from shared.events.assent import ContractAssented, ContractPaperReceived, ContractPaperReturned
from shared.events.renewal import ContractPrepared, ContractVoided, RenewalAccepted
from shared.messaging.routes import Routes
from shared.situation_facts import AssentEvent, last_signing_day
from shared.storage.aggregate import Cause


@dataclass(frozen=True, slots=True)
class AcceptanceHandlers:
    lifecycle: LifecycleHandlers

    def add_to(self, routes: Routes) -> None:
        routes.once(RenewalAccepted, self.record_acceptance)
        routes.once(ContractVoided, self.void_contract)
        routes.once(ContractPrepared, self.await_assent)
        routes.once(ContractPaperReceived, self.await_assent)
        routes.once(ContractPaperReturned, self.await_assent)
        routes.once(ContractAssented, self.await_assent)

    async def record_acceptance(self, event: RenewalAccepted, cause: Cause) -> None:
        await self._record_acceptance(event, cause, taken=True)

    async def void_contract(self, event: ContractVoided, cause: Cause) -> None:
        """The contract was in force: take its term back. Otherwise the vendor decides on the registration
        again. If the process dies before the save, the message is handled again; after it, the contract is
        known to be void."""
        if not event.in_force:
            await self._record_acceptance(event, cause, taken=False)
            return
        now, id, at = self.lifecycle.clock.now(), event.renewal_id, event.occurred_at
        policies = self.lifecycle.policies
        await self.lifecycle.change(event, cause, lambda state: void_contract(state, id, at, now, policies))

    async def _record_acceptance(
        self, event: RenewalAccepted | ContractVoided, cause: Cause, *, taken: bool
    ) -> None:
        now, id, at = self.lifecycle.clock.now(), event.renewal_id, event.occurred_at
        policies = self.lifecycle.policies
        await self.lifecycle.change(
            event,
            cause,
            lambda state: registration.record_acceptance(state, id, taken, at, now, policies),
        )

    async def await_assent(self, event: AssentEvent, cause: Cause) -> None:
        if isinstance(event, ContractPrepared) and event.sign_by is None:
            return
        now, id, at, sign_by = (
            self.lifecycle.clock.now(),
            event.renewal_id,
            event.occurred_at,
            last_signing_day(event),
        )
        policies = self.lifecycle.policies
        await self.lifecycle.change(
            event, cause, lambda state: registration.await_assent(state, id, sign_by, at, now, policies)
        )
