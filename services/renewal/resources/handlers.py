"""The events that change what a subscription should have, and the platform's answers.

Renewal hears its own events about commitments and closed registrations here: the ledger is another aggregate
than the registration, and an event reaches it also if the process dies between the two saves. That a
commitment is paid has no event of its own: `payment.settlement` lets the ledger follow.
"""

from dataclasses import dataclass

from services.renewal.resources.service import ResourceService
from shared.events.base import Event
from shared.events.commitment import CommitmentAccepted, CommitmentBroken, CommitmentExtended
from shared.events.platform import ResourcesGranted
from shared.events.renewal import ContractVoided, RenewalCancelled, RenewalRefused
from shared.events.signing import ContractIssued, FormSigned
from shared.events.subscription import SubscriptionRecorded
from shared.messaging.routes import Routes
from shared.storage.aggregate import Cause


@dataclass(frozen=True, slots=True)
class ResourceHandlers:
    service: ResourceService

    def add_to(self, routes: Routes) -> None:
        """To be added after the handlers that record a licence, a signed form and a contract: they come
        first, so that the facts are as new as the event."""
        routes.once(SubscriptionRecorded, self.follow)
        routes.once(FormSigned, self.follow_form)
        routes.once(ContractIssued, self.follow)
        routes.once(CommitmentAccepted, self.follow)
        routes.once(CommitmentExtended, self.follow)
        routes.once(CommitmentBroken, self.follow)
        routes.once(RenewalCancelled, self.follow)
        routes.once(RenewalRefused, self.follow)
        routes.once(ContractVoided, self.follow)
        routes.placed(ResourcesGranted, self.service.record)

    async def follow_form(self, event: FormSigned, cause: Cause) -> None:
        """Of a joint registration, the lead's signature counts for all products on the form, and the events
        of the others may have come before it was filed."""
        for id in {event.subscription_id, *await self.service.renewals.on_form(event.renewal_id)}:
            await self.service.follow(id, cause)

    async def follow(self, event: Event, cause: Cause) -> None:
        await self.service.follow(event.subscription_id, cause)
