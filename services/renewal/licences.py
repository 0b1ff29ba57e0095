"""Keeps our copy of licences as the subscription service tells it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.renewal.domain.licence import LicenceCopy
from shared.events.base import Stage
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)
from shared.projection import Projection
from shared.routes import Position, Routes

Changed = SubscriptionExpiring | AccessLocked | SubscriptionTerminated | SubscriptionRenewed | AccessRestored


@dataclass(frozen=True, slots=True)
class Licences:
    copies: Projection[LicenceCopy]

    def add_to(self, routes: Routes) -> None:
        routes.latest(SubscriptionRecorded, self.recorded)
        routes.latest(SubscriptionAdopted, self.adopted)
        routes.latest(SubscriptionExpiring, self.changed)
        routes.latest(AccessLocked, self.changed)
        routes.latest(SubscriptionTerminated, self.changed)
        routes.latest(SubscriptionRenewed, self.changed)
        routes.latest(AccessRestored, self.changed)

    async def recorded(self, event: SubscriptionRecorded, at: Position) -> None:
        copy = LicenceCopy(
            subscription_id=event.subscription_id,
            office_ref=event.office_ref,
            product_code=event.product_code,
            name=event.licence.name,
            tax_code=event.licence.tax_code,
            budget_code=event.licence.budget_code,
            province_code=event.licence.province_code,
            zone=event.licence.zone,
            expires_on=event.licence.expires_on,
            stage=event.stage,
        )
        await self.copies.put(event.subscription_id, at, copy.model_dump())

    async def adopted(self, event: SubscriptionAdopted, at: Position) -> None:
        await self._amend(event.subscription_id, at, event.stage, event.expires_on)

    async def changed(self, event: Changed, at: Position) -> None:
        await self._amend(event.subscription_id, at, event.new_stage, event.expires_on)

    async def _amend(self, id: UUID, at: Position, stage: Stage, expires_on: date) -> None:
        await self.copies.amend(id, at, {"stage": stage, "expires_on": expires_on})
