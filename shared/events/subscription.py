"""Events of the subscription service, on topic `subscription.events`."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime

from shared.events.base import Capability, Event, Stage, Value, as_seen


class Licence(Value):
    """An office's licence for one product: who it is and what it may use.

    Carries personal data; travels only in `SubscriptionRecorded` and `RenewalRegistered`.
    `zone` is an IANA name; `expires_on` the last day of valid use, in that zone.
    """

    name: str
    tax_code: str | None
    budget_code: str | None
    address: str
    province_code: str
    zone: str
    representative: str
    title: str
    contact_name: str
    contact_phone: str
    contact_email: str
    package: str
    users: int
    expires_on: date
    policy: str


class SubscriptionRecorded(Event):
    """The whole licence as it stands, on import and on every change. Consumers keep their own copy.

    `temporary_until` is the last day, past or not, of the temporary access of this term; `storage_gb` what
    is paid for in it, the included counted (null: what the package includes).

    What follows them is null in events of before: `counted_from` is the day to which days are counted,
    granted days included; `terminates_on` the day from which service may end, or `end_notice_days` after the
    office is told so, whichever is later (null: it was told); `deletion_due_on` the day from which data may
    be deleted, `deleted_on` when that was done. `held` is why a date that nobody expected doesn't take
    access. `contracts` are the renewals whose contract the service knows, `disputed` those of them that the
    desk must settle.
    """

    TYPE: ClassVar[str] = "vn.giahan.subscription.recorded.v1"

    licence: Annotated[Licence, AfterValidator(as_seen)]
    stage: Stage
    temporary_until: date | None = None
    storage_gb: int | None = None
    access: tuple[Capability, ...] | None = None
    counted_from: date | None = None
    terminates_on: date | None = None
    end_notice_days: int | None = None
    deletion_due_on: date | None = None
    deleted_on: date | None = None
    held: str | None = None
    contracts: tuple[UUID, ...] | None = None
    disputed: tuple[UUID, ...] = ()


class SubscriptionAdopted(Event):
    """A subscription taken over at its present stage: nothing is told of transitions before this.

    `terminates_on` is the date from which service ends unless it is renewed, `deletion_due_on` the
    date from which the data may then be deleted.
    """

    TYPE: ClassVar[str] = "vn.giahan.subscription.adopted.v1"

    stage: Stage
    access: tuple[Capability, ...]
    expires_on: date
    terminates_on: date
    deletion_due_on: date
    end_notice_days: int | None = None


class SubscriptionExpiring(Event):
    """One rung of the reminder ladder. `days_left` runs from 90 down to 0, the last day of use; below 0 the
    office has its access because no reminder had reached it in time."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.expiring.v1"

    old_stage: Stage
    new_stage: Stage
    days_left: int
    expires_on: date


class AccessLocked(Event):
    """Access was taken away (`new_stage` locked), or the notice hardened (`new_stage` final_notice).

    Service ends from `terminates_on` on, or `end_notice_days` after the office is told so, whichever is
    later.
    """

    TYPE: ClassVar[str] = "vn.giahan.subscription.access_locked.v1"

    old_stage: Stage
    new_stage: Stage
    access: tuple[Capability, ...]
    days_overdue: int
    expires_on: date
    terminates_on: date
    end_notice_days: int | None = None


class SubscriptionTerminated(Event):
    """The service ended. Data is due for deletion on `deletion_due_on` unless a renewal cancels it."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.terminated.v1"

    old_stage: Stage
    new_stage: Stage
    expires_on: date
    deletion_due_on: date


class SubscriptionRenewed(Event):
    """A contract was applied: the new term, and the expiry it was computed from."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.renewed.v1"

    renewal_id: UUID
    contract_number: str
    basis_expires_on: date
    term_from: date
    term_to: date
    expires_on: date
    package: str
    users: int
    old_stage: Stage
    new_stage: Stage
    storage_gb: int | None = None


class ContractWithheld(Event):
    """A contract came that doesn't agree with the registrations known here: it gives nothing. Told once a
    renewal and reason; where the proof comes later, SubscriptionRenewed follows."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.contract_withheld.v1"

    renewal_id: UUID
    contract_number: str
    reason: Literal["registration_unknown", "registration_closed", "term_differs", "order_differs"]


class AccessHeld(Event):
    """The calendar brings `new_stage`, but nobody expected it: the office keeps what `old_stage` allows
    until `trusted_from` (null: until the date has stood long enough, or a person releases it)."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.access_held.v1"

    old_stage: Stage
    new_stage: Stage
    access: tuple[Capability, ...]
    expires_on: date
    reason: Literal["date_too_new", "notice_missing", "many_at_once"]
    trusted_from: date | None


class Step(Value):
    """A stage to come, if nothing else happens before: from the instant `starts_at` on."""

    starts_at: AwareDatetime
    stage: Stage
    access: tuple[Capability, ...]


class AccessDecided(Event):
    """What an office may do with a product, and the expected steps to come, so that a reader's table
    turns at midnight by itself. Keep the one with the highest `ce_sequence` of a subscription.

    `package`, `users` and `storage_gb` are what it is entitled to (storage null: what the package includes).
    """

    TYPE: ClassVar[str] = "vn.giahan.subscription.access_decided.v1"
    TOPIC: ClassVar[str | None] = "access"

    stage: Stage
    access: tuple[Capability, ...]
    expires_on: date
    steps: tuple[Step, ...]
    package: str | None = None
    users: int | None = None
    storage_gb: int | None = None


class DataDeletionRequested(Event):
    """Two people decided that the data of an ended subscription goes; the platform deletes it and
    answers with DataDeleted."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.data_deletion_requested.v1"

    deletion_id: UUID
    terminated_on: date
    reason: str


class DataDeletionCancelled(Event):
    """The request no longer stands (the office renewed): what isn't deleted yet must stay."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.data_deletion_cancelled.v1"

    deletion_id: UUID


class DataRecoveryRequested(Event):
    """An office asks for its data back; the platform answers with DataRecoveryAnswered."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.data_recovery_requested.v1"

    recovery_id: UUID
    terminated_on: date | None
    deleted_on: date | None


class AccessRestored(Event):
    """Access is full again after it had been taken away."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.access_restored.v1"

    old_stage: Stage
    new_stage: Stage
    access: tuple[Capability, ...]
    expires_on: date
