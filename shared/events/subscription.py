"""Events of the subscription service, on topic `subscription.events`."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.base import Capability, Event, Stage, Value


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
    """The whole licence as it stands, on import and on every change. Consumers keep their own copy."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.recorded.v1"

    licence: Licence
    stage: Stage


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


class SubscriptionExpiring(Event):
    """One rung of the reminder ladder. `days_left` runs from 90 down to 0, the last day of use."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.expiring.v1"

    old_stage: Stage
    new_stage: Stage
    days_left: int
    expires_on: date


class AccessLocked(Event):
    """Access was taken away (`new_stage` locked), or the notice hardened (`new_stage` final_notice)."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.access_locked.v1"

    old_stage: Stage
    new_stage: Stage
    access: tuple[Capability, ...]
    days_overdue: int
    expires_on: date
    terminates_on: date


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


class AccessRestored(Event):
    """Access is full again after it had been taken away."""

    TYPE: ClassVar[str] = "vn.giahan.subscription.access_restored.v1"

    old_stage: Stage
    new_stage: Stage
    access: tuple[Capability, ...]
    expires_on: date
