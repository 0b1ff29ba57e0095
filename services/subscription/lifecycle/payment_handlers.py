"""Handles the events of the renewal service about commitments to pay and payments: each may give access while
a contract is awaited."""

from dataclasses import dataclass

from services.subscription.domain.changes import payment
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.subscription import Subscription
from services.subscription.lifecycle.handlers import LifecycleHandlers, with_known_registration
from shared.events.commitment import CommitmentAccepted, CommitmentBroken, CommitmentExtended
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.resilience.errors import Unproven
from shared.storage.aggregate import Cause, Decision


@dataclass(frozen=True, slots=True)
class PaymentHandlers:
    lifecycle: LifecycleHandlers

    def add_to(self, routes: Routes) -> None:
        routes.placed(CommitmentAccepted, self.record_commitment)
        routes.placed(CommitmentExtended, self.record_commitment)
        routes.placed(CommitmentBroken, self.record_default)
        routes.placed(PaymentRecorded, self.record_payment)
        routes.placed(PaymentReversed, self.record_payment)

    async def record_commitment(
        self, event: CommitmentAccepted | CommitmentExtended, cause: Cause, position: Position
    ) -> None:
        """If the process dies before the save, the message is handled again. After it, the message's id is
        known: the access is given once."""
        now, policies = self.lifecycle.clock.now(), self.lifecycle.policies

        def decide(state: Subscription) -> Decision[Subscription] | None:
            known = with_known_registration(state, event.renewal_id)
            return payment.record_commitment(known, event, position.sequence, now, policies)

        await self.lifecycle.change(event, cause, decide)

    async def record_default(self, event: CommitmentBroken, cause: Cause, position: Position) -> None:
        now, policies = self.lifecycle.clock.now(), self.lifecycle.policies

        def decide(state: Subscription) -> Decision[Subscription] | None:
            known = with_known_registration(state, event.renewal_id)
            return payment.record_default(known, event, position.sequence, now, policies)

        await self.lifecycle.change(event, cause, decide)

    async def record_payment(
        self, event: PaymentRecorded | PaymentReversed, cause: Cause, position: Position
    ) -> None:
        """A payment for another sum than the registration orders gives nothing and becomes a dead letter."""
        now, policies = self.lifecycle.clock.now(), self.lifecycle.policies

        def decide(state: Subscription) -> Decision[Subscription] | None:
            if event.renewal_id in state.renewals:
                return None
            known = with_known_registration(state, event.renewal_id)
            if not payment.is_ordered(known, event):
                raise Unproven(f"registration {event.renewal_id} doesn't order for {event.total_vnd} VND")
            application = ContractApplication(policies, self._policy_for(known, event), now)
            granted = payment.pay_contract(known, event, position.sequence, application)
            return granted or payment.record_payment(known, event, position.sequence, now, policies)

        await self.lifecycle.change(event, cause, decide)

    def _policy_for(self, state: Subscription, event: PaymentRecorded | PaymentReversed) -> str:
        """The stage table of the term that waits for the payment: the one of its first day, as where a
        contract gives full use at once."""
        known = state.registrations.get(event.renewal_id)
        day = known.contract.term_from if known and known.contract else event.effective_on
        return self.lifecycle.products.policy_for(event.product_code, day)
