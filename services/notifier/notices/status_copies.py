"""Writes the copies of subscriptions' statuses, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.notifier.domain.subscription_status import SubscriptionStatus
from shared.events.base import Event
from shared.messaging.envelope import Position
from shared.storage.projection import CopyWrite, Projection


@dataclass(frozen=True, slots=True)
class StatusCopies:
    statuses: Projection[SubscriptionStatus]

    def put_renewal(
        self, event: Event, renewal_id: UUID, at: Position, fields: Mapping[str, Any]
    ) -> list[CopyWrite]:
        """The writes of the renewal's fields, each with its own position."""
        return [
            self.of_subscription(
                event,
                Position(f"{at.aggregate} {name}", at.sequence),
                {f"renewals.{renewal_id}.{name}": value},
            )
            for name, value in fields.items()
        ]

    def of_subscription(self, event: Event, at: Position, fields: Mapping[str, Any]) -> CopyWrite:
        identity = {"office_ref": event.office_ref, "product_code": event.product_code}
        return self.statuses.put(event.subscription_id, at, {**identity, **fields})
