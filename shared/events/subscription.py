"""Events of the subscription service, on topic `subscription.events`."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime

from shared.events.base import Capability, Event, Stage, Value, as_seen


class Licence(Value):
    """An office's licence for one product: who the office is and what it may use.

    Personal data; only `SubscriptionRecorded` carries it. `zone` is an IANA name; `expires_on` is the last
    day of valid use, in that zone.
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
    """The whole licence, on import and on every change. Consumers keep their own copy.

    `temporary_until` is the last day, past or not, of the temporary access of this term. `storage_gb` is the
    storage paid for, including what the package includes (null: only that).

    The fields after these are null in events of older releases. `counted_from` is the day to which days are
    counted, temporary access included. The service may end on `terminates_on` or `end_notice_days` after the
    office was notified, whichever is later (`end_notice_days` null: it was notified). Data may be deleted
    from `deletion_due_on`, and was deleted on `deleted_on`. `held` is why an unexpected date does not take
    access away. `contracts` are the renewals whose contract the service knows, `disputed` those of them that
    the desk must decide. `unpaid` are renewals whose contract is in force and gives full use only once all is
    paid, at the latest on `pay_by` (null: no day is agreed, or it has passed without payment).
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
    unpaid: tuple[UUID, ...] = ()
    pay_by: date | None = None


class SubscriptionAdopted(Event):
    """A subscription was taken over at its present stage: earlier transitions are not published.

    `terminates_on` is the date on which the service ends unless it is renewed, `deletion_due_on` the
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
    """One of the reminders before expiry. `days_left` runs from 90 down to 0, the last day of use. Below 0
    the office keeps its access because no reminder had reached it in time."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.expiring.v1"

    old_stage: Stage
    new_stage: Stage
    days_left: int
    expires_on: date


class AccessLocked(Event):
    """Access was taken away (`new_stage` locked), or the final notice began (`new_stage` final_notice).

    The service ends on `terminates_on` or `end_notice_days` after the office was notified, whichever is
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
    """The service ended. Data is due for deletion on `deletion_due_on` unless a renewal prevents it."""

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
    """A contract does not agree with the registrations that this service knows, so it is not applied.
    Published once for each renewal and reason. If the missing event comes later, SubscriptionRenewed
    follows."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.contract_withheld.v1"

    renewal_id: UUID
    contract_number: str
    reason: Literal["registration_unknown", "registration_closed", "term_differs", "order_differs"]


class OrderContradicted(Event):
    """A later list, or a person's correction, states another package or number of users than the contract in
    force grants. The contract's price stands.

    `applied`: a named person corrected the licence, which has the stated values now. Otherwise the list
    changes nothing of the licence's package and users."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.order_contradicted.v1"

    renewal_id: UUID
    contract_number: str
    package: str
    users: int
    stated_package: str
    stated_users: int
    applied: bool


class AccessHeld(Event):
    """By the calendar `new_stage` has begun, but it came unexpected: the office keeps the access of
    `old_stage` until `trusted_from` (null: until the date is old enough, or a person releases it)."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.access_held.v1"

    old_stage: Stage
    new_stage: Stage
    access: tuple[Capability, ...]
    expires_on: date
    reason: Literal["date_too_new", "notice_missing", "many_at_once"]
    trusted_from: date | None


class Step(Value):
    """A future stage, which begins at `starts_at` unless something happens before."""

    starts_at: AwareDatetime
    stage: Stage
    access: tuple[Capability, ...]


class AccessDecided(Event):
    """What an office may do with a product, and the future steps, so that a reader's table changes at
    midnight without a new event. Readers keep the one with the highest `ce_sequence` of a subscription.

    `package`, `users` and `storage_gb` are what the office is entitled to (storage null: what the package
    includes).
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
    """Two people decided to delete the data of an ended subscription. The platform deletes it and answers
    with DataDeleted."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.data_deletion_requested.v1"

    deletion_id: UUID
    terminated_on: date
    reason: str


class DataDeletionCancelled(Event):
    """The request to delete was cancelled (the office renewed): data that is not deleted yet must stay."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.data_deletion_cancelled.v1"

    deletion_id: UUID


class DataRecoveryRequested(Event):
    """An office requests its data back. The platform answers with DataRecoveryAnswered."""

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
