"""Keeps our copy of licences as the subscription service tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.office_keys import office_keys
from shared.events.base import Stage
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
from shared.projection import Projection
from shared.routes import Position, Routes

_OTHERS = {"terminates_on", "end_notice_days", "deletion_due_on", "usage"}
"""What other events than SubscriptionRecorded tell, and it must not wipe out."""

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
        routes.latest(UsageReported, self.used)

    async def recorded(self, event: SubscriptionRecorded, at: Position) -> None:
        known = event.licence.model_dump(exclude={"policy"})
        copy = LicenceCopy(
            subscription_id=event.subscription_id,
            office_ref=event.office_ref,
            product_code=event.product_code,
            stage=event.stage,
            temporary_until=event.temporary_until,
            storage_gb=event.storage_gb,
            **known,
        )
        fields = copy.model_dump(exclude=_OTHERS) | {"found_by": office_keys(copy)}
        if event.terminates_on:
            fields |= {"terminates_on": event.terminates_on, "end_notice_days": None}
        await self.copies.put(event.subscription_id, at, fields)

    async def adopted(self, event: SubscriptionAdopted, at: Position) -> None:
        due: dict[str, date | int | None] = {
            "terminates_on": event.terminates_on,
            "end_notice_days": event.end_notice_days,
            "deletion_due_on": event.deletion_due_on,
        }
        await self._amend(event.subscription_id, at, event.stage, event.expires_on, due)

    async def changed(self, event: Changed, at: Position) -> None:
        due: dict[str, date | int | None] = {}
        match event:
            case AccessLocked():
                due = {"terminates_on": event.terminates_on, "end_notice_days": event.end_notice_days}
            case SubscriptionTerminated():
                due = {"deletion_due_on": event.deletion_due_on}
            case SubscriptionRenewed() | AccessRestored():
                due = {"terminates_on": None, "deletion_due_on": None}
        await self._amend(event.subscription_id, at, event.new_stage, event.expires_on, due)

    async def used(self, event: UsageReported, at: Position) -> None:
        usage = {
            "users_used": event.users_used,
            "storage_used_bytes": event.storage_used_bytes,
            "measured_at": event.measured_at.isoformat(),
        }
        await self.copies.amend(event.subscription_id, at, {"usage": usage})

    async def _amend(
        self, id: UUID, at: Position, stage: Stage, expires_on: date, due: Mapping[str, date | int | None]
    ) -> None:
        await self.copies.amend(id, at, {"stage": stage, "expires_on": expires_on, **due})
