"""Events about an office's commitment to pay by a day, and about payments that are awaited. Amounts are in
đồng."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import RegistrationEvent
from shared.events.order import TransferDetails


class _CommitmentEvent(RegistrationEvent):
    renewal_id: UUID
    registration_no: str


class CommitmentAccepted(_CommitmentEvent):
    """The vendor accepts that the office pays by `pay_by`. Until the contract is in force, access lasts until
    `access_until`: some working days later, because a transfer of the last day is seen then."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.commitment_accepted.v1"

    pay_by: date
    access_until: date
    decided_by: Literal["rule", "desk"]
    reason: str


class CommitmentRefused(_CommitmentEvent):
    """The desk doesn't accept the day that the office proposed: the office pays by `due_on`. It ends no
    access. `reason` is for the office to read."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.commitment_refused.v1"

    pay_by: date
    reason: str
    due_on: date | None = None


class CommitmentExtended(_CommitmentEvent):
    """The desk gives the office until `pay_by`, once. `reason` is for the office to read."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.commitment_extended.v1"

    old_pay_by: date
    pay_by: date
    access_until: date
    reason: str


class CommitmentBroken(_CommitmentEvent):
    """The office didn't pay in time: `open_vnd` of `total_vnd` is still to be paid."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.commitment_broken.v1"

    pay_by: date
    open_vnd: int
    total_vnd: int


class PaymentAwaited(_CommitmentEvent):
    """Something is still to be paid, and the office is reminded for the `reminder`-th time.

    `due`: the last day to pay comes; `overdue`: it has passed; `not_seen`: the office says that it has paid,
    on `claimed_on`, and the vendor hasn't found the money. `transfer` says how to pay what is open.
    """

    TYPE: ClassVar[str] = "vn.giahan.renewal.payment_awaited.v1"

    why: Literal["due", "overdue", "not_seen"]
    due_on: date | None
    claimed_on: date | None = None
    reminder: int
    transfer: TransferDetails
