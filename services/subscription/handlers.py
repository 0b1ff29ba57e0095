"""What other services' events do to a subscription."""

from dataclasses import dataclass

from services.subscription.domain.changes import apply_contract
from services.subscription.domain.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.store import Subscriptions
from shared.aggregate import Cause, Decision
from shared.clock import Clock
from shared.events.signing import ContractIssued
from shared.faults import NotYet
from shared.routes import Routes


@dataclass(frozen=True, slots=True)
class Handlers:
    subscriptions: Subscriptions
    policies: Policies
    clock: Clock

    def routes(self) -> Routes:
        routes = Routes()
        routes.once(ContractIssued, self.contract_issued)
        return routes

    async def contract_issued(self, event: ContractIssued, cause: Cause) -> None:
        """The contract is in force: extend the term and give access back."""

        def decide(state: Subscription | None) -> Decision[Subscription]:
            if state is None:
                raise NotYet(f"subscription {event.subscription_id}")
            return apply_contract(state, event, self.clock.now(), self.policies)

        await self.subscriptions.change(event.subscription_id, decide, cause)
