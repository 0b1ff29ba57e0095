"""A subscription: one office's licence for one product, its stage, and what was emitted about it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from services.subscription.domain.facts import (
    Concession,
    ContractTerms,
    DateTrust,
    Deletion,
    FormDays,
    HoldReason,
    Recovery,
    Release,
    ReminderGiven,
)
from services.subscription.domain.registration_facts import RegistrationFacts
from shared.events.base import Stage
from shared.events.subscription import Licence
from shared.storage.aggregate import State


class Subscription(State):
    """The state of one subscription.

    What it grants:
    - `licence`: with the stage table (`policy`) of this term. `next_policy`: the table of the next term
      (None: the product's table on that day). `storage_gb`: what the office pays for, including what the
      package includes (None: only that).
    - `source`: the licence as its adoption or a list stated it last. None: the same as `licence`, or
      unknown in documents of earlier releases. `stated`: the fingerprint of the row imported last.
    - `trust`: how the last day of use was set.
    - `contract`: the contract that gave the present term. None: the term was stated. `renewed_at`: when this
      service read that contract. `renewals`: the renewals whose contracts were read.

    What was emitted:
    - `told_on`: events were emitted for everything up to and including this date in the office's zone.
      `next_change_at`: the instant from which there is more to emit (None: never).
    - `stage`: the stage emitted last. `decided`: the fingerprint of the last public answer.

    The lock and the end:
    - `locked_since`: the first day without full access. `ends_on`: the day from which service may end.
    - `warned`: the reminder that a lock may follow. `notices`: the warnings of the present lock that are on
      record. `last_notice_on`: the day on which the last warning's notice was given.
    - `hold`: why the office keeps access that the calendar would take.
    - `temporary_until`: the last day of this term's temporary access, past or not. `temporary_for`: the
      registration that brought it. `signed_until`: the last day that a signature of this term earned, however
      early its registration was closed; None: no signature gave days, or they don't run.
    - `signed_days`, `copy_days`: the days of the form that was signed, or shown as a copy, and how many were
      used. None: there were none, or an earlier release gave them.

    Registrations and contracts:
    - `registrations`: the facts of each registration by its renewal's id, until its contract is in force.
      `open_registrations`: the open ones, for database queries.
    - `disputed`: contracts computed from an expiry date that has changed. The desk decides on them.
    - `void_contracts`: the renewals whose contract the vendor voided after it was in force.
    - `withheld`: the last renewals whose contract disagreed with its registration.
    """

    id: UUID
    office_ref: str
    product_code: str
    licence: Licence
    source: Licence | None = None
    next_policy: str | None
    storage_gb: int | None = None
    trust: DateTrust
    stated: str | None = None
    stage: Stage
    told_on: date
    next_change_at: AwareDatetime | None = None
    locked_since: date | None = None
    ends_on: date | None = None
    terminated_on: date | None = None
    warned: ReminderGiven | None = None
    notices: tuple[Stage, ...] = ()
    last_notice_on: date | None = None
    hold: HoldReason | None = None
    decided: str | None = None
    temporary_until: date | None = None
    temporary_for: UUID | None = None
    signed_until: date | None = None
    signed_days: FormDays | None = None
    copy_days: FormDays | None = None
    renewed_at: AwareDatetime | None = None
    extension: Concession | None = None
    exemption: Concession | None = None
    release: Release | None = None
    open_registrations: tuple[UUID, ...] = ()
    registrations: Mapping[UUID, RegistrationFacts] = Field(default_factory=dict)
    renewals: tuple[UUID, ...] = ()
    disputed: tuple[ContractTerms, ...] = ()
    withheld: tuple[UUID, ...] = ()
    void_contracts: tuple[UUID, ...] = ()
    contract: ContractTerms | None = None
    deletion: Deletion | None = None
    recoveries: tuple[Recovery, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_older_release(cls, stored: Any) -> Any:
        """Documents of earlier releases lack `last_notice_on`: it was `told_on` or earlier, so take
        `told_on`."""
        if not isinstance(stored, dict) or "last_notice_on" in stored or not stored.get("notices"):
            return stored
        return {**stored, "last_notice_on": stored["told_on"]}

    @property
    def policy(self) -> str:
        return self.licence.policy

    @property
    def zone(self) -> str:
        return self.licence.zone

    @property
    def full_until(self) -> date:
        """The last day of use with extensions and exemptions, but without temporary access."""
        granted = (self.extension, self.exemption)
        return max([self.licence.expires_on, *(concession.until for concession in granted if concession)])

    @property
    def last_day(self) -> date:
        """The last day of use, with extensions, exemptions and temporary access. A new term follows
        `expires_on`, not this day."""
        until = self.full_until
        return max(until, self.temporary_until or until)

    @property
    def unpaid(self) -> tuple[UUID, ...]:
        """The renewals whose contract is in force and whose full use waits for the payment."""
        return tuple(id for id, known in self.registrations.items() if known.is_unpaid)

    @property
    def pay_by(self) -> date | None:
        """The last day to pay for a contract in force. None where no day is agreed, or it was not kept."""
        return max((day for known in self.registrations.values() if (day := known.due_on)), default=None)

    def with_(self, **changes: Any) -> Self:
        """The subscription with these fields; itself if they have these values, so that no copy is made."""
        present = self.__dict__
        if all(present[name] == value for name, value in changes.items()):
            return self
        return self.model_copy(update=changes)
