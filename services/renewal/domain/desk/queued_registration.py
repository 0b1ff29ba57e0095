"""A registration as the desk's queue lists it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.registration.order import Order
from services.renewal.domain.renewal import DeskReason

FIELDS = (
    "version",
    "status",
    "since",
    "needs_desk",
    "posted.received_on",
    "registration.number",
    "registration.office_ref",
    "registration.office.name",
    "registration.office.tax_code",
    "registration.product_code",
    "registration.product_name",
    "registration.send_by",
    "registration.on_behalf",
    "registration.registered_at",
    "registration.order",
)
"""The fields that a list reads: lists have thousands of registrations."""


@dataclass(frozen=True, slots=True)
class QueuedRegistration:
    """A row of the queue. `late`: it has had its status for longer than the flow allows. `claimed_by`: the
    clerk who works on it. A decision on this row must send `version` back."""

    id: UUID
    version: int
    number: str
    office_ref: str
    office_name: str
    tax_code: str | None
    product_code: str
    product_name: str
    status: RegistrationStatus
    needs_desk: DeskReason | None
    send_by: str
    on_behalf: bool
    registered_at: datetime
    received_on: str | None
    since: datetime
    late: bool
    claimed_by: str | None
    ordered: dict[str, Any]

    @property
    def total_vnd(self) -> int:
        return Order.model_validate(self.ordered, extra="ignore").total

    @classmethod
    def read(cls, kept: dict[str, Any], late: bool, claimed_by: str | None) -> Self:
        """The row from a stored document of which only FIELDS were read."""
        made = kept["registration"]
        reason = kept.get("needs_desk")
        return cls(
            id=UUID(kept["_id"]),
            version=kept["version"],
            number=made["number"],
            office_ref=made["office_ref"],
            office_name=made["office"]["name"],
            tax_code=made["office"]["tax_code"],
            product_code=made["product_code"],
            product_name=made["product_name"],
            status=RegistrationStatus(kept["status"]),
            needs_desk=DeskReason(reason) if reason else None,
            send_by=made["send_by"],
            on_behalf=made["on_behalf"],
            registered_at=made["registered_at"],
            received_on=(kept.get("posted") or {}).get("received_on"),
            since=kept.get("since") or made["registered_at"],
            late=late,
            claimed_by=claimed_by,
            ordered=made["order"],
        )
