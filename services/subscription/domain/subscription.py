"""A subscription: one office's licence for one product, where it stands, and what has been told of it."""

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
    HoldReason,
    Recovery,
    RegistrationFacts,
    Release,
    ReminderGiven,
)
from shared.events.base import Stage
from shared.events.subscription import Licence
from shared.storage.aggregate import State


class Subscription(State):
    """`licence` names the policy this term is pinned to; `next_policy` the one the next term begins under
    (None: the product's on that day). `storage_gb` is what is paid for, the included counted; None: what the
    package includes. `trust` says how its last day of use came to be.

    Told: everything up to and including the office's local date `told_on`; `stage` is the stage last
    told, `notices` the warnings of the present lock that are on record, `hold` why access is kept that
    the calendar would take, `decided` the fingerprint of the last public answer. `next_change_at` is the
    instant from which there is more to tell, None if never.
    `source` is the licence as the vendor stated it last, which a contract or a correction has moved on since
    (None: as `licence`, or of before this was kept).
    `stated` is the fingerprint of the row last imported: the same row again states nothing new.
    `registrations` is what is known of each by its renewal's id until its contract is in force;
    `open_registrations` are the open ones of them, for the database to ask for.
    `disputed` are contracts computed from an expiry that no longer stood: the desk decides on them.
    `withheld` are the last renewals of which a contract came that doesn't agree with what is known here.
    `contract` is the one that gave the present term, None for a term that was stated.
    `temporary_until` is the last day of the temporary access that the registration `temporary_for` brought
    in this term, past or not; `renewed_at` is when the contract of this term was learnt of.
    `locked_since` is the first day without full access, `ends_on` the day from which service may end.
    `warned` is the reminder of the present last day that a lock may follow, `last_notice_on` the day on which
    the last warning's notice was given.
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
    renewed_at: AwareDatetime | None = None
    extension: Concession | None = None
    exemption: Concession | None = None
    release: Release | None = None
    open_registrations: tuple[UUID, ...] = ()
    registrations: Mapping[UUID, RegistrationFacts] = Field(default_factory=dict)
    renewals: tuple[UUID, ...] = ()
    disputed: tuple[ContractTerms, ...] = ()
    withheld: tuple[UUID, ...] = ()
    contract: ContractTerms | None = None
    deletion: Deletion | None = None
    recoveries: tuple[Recovery, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, kept: Any) -> Any:
        """Subscriptions of before don't name the day: it was the day told last, or an earlier one."""
        if not isinstance(kept, dict) or "last_notice_on" in kept or not kept.get("notices"):
            return kept
        return {**kept, "last_notice_on": kept["told_on"]}

    @property
    def policy(self) -> str:
        return self.licence.policy

    @property
    def zone(self) -> str:
        return self.licence.zone

    @property
    def last_day(self) -> date:
        """The last day of use as it was stated or granted; a new term begins at `expires_on`."""
        granted = (self.extension, self.exemption)
        others = (self.temporary_until, *(concession.until for concession in granted if concession))
        return max([self.licence.expires_on, *(day for day in others if day)])

    def with_(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)
