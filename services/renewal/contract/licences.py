"""Keeps renewal's copies of licences up to date from the subscription service's events."""

from dataclasses import dataclass

from services.renewal.domain.desk.office_keys import office_keys
from services.renewal.domain.licence import LicenceCopy
from shared.events.platform import UsageReported
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)
from shared.messaging.routes import Position, Routes
from shared.situation import SubscriptionEvent, facts_from
from shared.storage.mongo import IndexModel
from shared.storage.projection import Projection

INDEXES = (
    IndexModel([("office_ref", 1)], name="office"),
    IndexModel([("found_by", 1)], name="found_by"),
)


@dataclass(frozen=True, slots=True)
class Licences:
    copies: Projection[LicenceCopy]

    def add_to(self, routes: Routes) -> None:
        routes.latest(SubscriptionRecorded, self.recorded)
        routes.latest(SubscriptionAdopted, self.changed)
        routes.latest(SubscriptionExpiring, self.changed)
        routes.latest(AccessLocked, self.changed)
        routes.latest(SubscriptionTerminated, self.changed)
        routes.latest(SubscriptionRenewed, self.changed)
        routes.latest(AccessRestored, self.changed)
        routes.latest(UsageReported, self.used)

    async def recorded(self, event: SubscriptionRecorded, at: Position) -> None:
        """Replaces the copy's fields, except those that only other events contain."""
        named = event.model_dump(include={"subscription_id", "office_ref", "product_code"})
        known = event.licence.model_dump(exclude={"policy"})
        told = named | known | facts_from(event) | {"storage_gb": event.storage_gb}
        found_by = office_keys(LicenceCopy.model_validate(told))
        await self.copies.put(event.subscription_id, at, {**told, "found_by": found_by})

    async def changed(self, event: SubscriptionEvent, at: Position) -> None:
        await self.copies.amend(event.subscription_id, at, facts_from(event))

    async def used(self, event: UsageReported, at: Position) -> None:
        usage = {
            "users_used": event.users_used,
            "storage_used_bytes": event.storage_used_bytes,
            "measured_at": event.measured_at.isoformat(),
        }
        await self.copies.amend(event.subscription_id, at, {"usage": usage})
