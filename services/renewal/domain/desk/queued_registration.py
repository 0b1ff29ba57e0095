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
    "desk_note",
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
    "registration.joined.order",
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
    desk_note: str | None
    send_by: str
    on_behalf: bool
    registered_at: datetime
    received_on: str | None
    since: datetime
    late: bool
    claimed_by: str | None
    ordered: list[dict[str, Any]]

    @property
    def total_vnd(self) -> int:
        """Of all products on its form."""
        return sum(Order.model_validate(order, extra="ignore").total for order in self.ordered)

    @classmethod
    def read(cls, document: dict[str, Any], late: bool, claimed_by: str | None) -> Self:
        """The row from a stored document of which only FIELDS were read."""
        registration = document["registration"]
        reason = document.get("needs_desk")
        return cls(
            id=UUID(document["_id"]),
            version=document["version"],
            number=registration["number"],
            office_ref=registration["office_ref"],
            office_name=registration["office"]["name"],
            tax_code=registration["office"]["tax_code"],
            product_code=registration["product_code"],
            product_name=registration["product_name"],
            status=RegistrationStatus(document["status"]),
            needs_desk=DeskReason(reason) if reason else None,
            desk_note=document.get("desk_note"),
            send_by=registration["send_by"],
            on_behalf=registration["on_behalf"],
            registered_at=registration["registered_at"],
            received_on=(document.get("posted") or {}).get("received_on"),
            since=document.get("since") or registration["registered_at"],
            late=late,
            claimed_by=claimed_by,
            ordered=[each["order"] for each in (registration, *registration.get("joined", ()))],
        )
