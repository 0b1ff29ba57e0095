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
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.resilience.errors import Unproven
from shared.situation_facts import SubscriptionEvent, facts_from
from shared.storage.mongo import IndexModel
from shared.storage.projection import CopyWrite, Projection
from shared.time.clock import Clock

INDEXES = (
    IndexModel([("office_ref", 1)], name="office"),
    IndexModel([("found_by", 1)], name="found_by"),
)

_MOST_USERS, _MOST_BYTES = 2**31, 2**63
"""As in `platform.ResourcesGranted`; this event had no bounds when it was agreed."""


@dataclass(frozen=True, slots=True)
class Licences:
    copies: Projection[LicenceCopy]
    clock: Clock

    def add_to(self, routes: Routes) -> None:
        routes.latest(SubscriptionRecorded, self.copy_licence)
        routes.latest(SubscriptionAdopted, self.copy_facts)
        routes.latest(SubscriptionExpiring, self.copy_facts)
        routes.latest(AccessLocked, self.copy_facts)
        routes.latest(SubscriptionTerminated, self.copy_facts)
        routes.latest(SubscriptionRenewed, self.copy_facts)
        routes.latest(AccessRestored, self.copy_facts)
        routes.latest(UsageReported, self.copy_usage)

    def copy_licence(self, event: SubscriptionRecorded, at: Position) -> list[CopyWrite]:
        """Replaces the copy's fields, except those that only other events contain."""
        named = event.model_dump(include={"subscription_id", "office_ref", "product_code"})
        known = event.licence.model_dump(exclude={"policy"})
        fields = named | known | facts_from(event) | {"storage_gb": event.storage_gb}
        found_by = office_keys(LicenceCopy.model_validate(fields))
        return [self.copies.put(event.subscription_id, at, {**fields, "found_by": found_by})]

    def copy_facts(self, event: SubscriptionEvent, at: Position) -> list[CopyWrite]:
        return [self.copies.amend(event.subscription_id, at, facts_from(event))]

    def copy_usage(self, event: UsageReported, at: Position) -> list[CopyWrite]:
        """Measured by the platform's clock, but never in the future: such a figure would stay the newest.
        Raises Unproven for figures that no office can have."""
        if not (0 <= event.users_used < _MOST_USERS and 0 <= event.storage_used_bytes < _MOST_BYTES):
            raise Unproven("no office can use that much, or less than nothing")
        usage = {
            "users_used": event.users_used,
            "storage_used_bytes": event.storage_used_bytes,
            "measured_at": min(event.measured_at, self.clock.now()).isoformat(),
        }
        return [self.copies.amend(event.subscription_id, at, {"usage": usage})]
