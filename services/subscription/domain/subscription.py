"""A subscription: one office's licence for one product, where it stands, and what has been told of it."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain.policy import SEVERITY, Policies, Policy
from services.subscription.domain.stage import calendar_stage, next_change_on
from shared.aggregate import State
from shared.calendar import start_of_day
from shared.events.base import Stage
from shared.events.subscription import Licence


class DisputedContract(BaseModel):
    """A contract computed from an expiry that no longer stood when it came: the desk decides on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    renewal_id: UUID
    contract_number: str
    basis_expires_on: date
    term_from: date
    term_to: date
    package: str
    users: int


class Subscription(State):
    """`licence` names the policy this term is pinned to; `next_policy` the one the next term begins under.

    Everything up to and including the office's local date `told_on` has been told, and `stage` is the
    stage last told. `next_change_at` is the instant from which there is more to tell, None if never.
    `stated` is the fingerprint of the row last imported: the same row again states nothing new.
    `terminates_from` puts the end off for an office that entered the last warning without being told.
    """

    id: UUID
    office_ref: str
    product_code: str
    licence: Licence
    next_policy: str
    stated: str | None = None
    stage: Stage
    told_on: date
    next_change_at: AwareDatetime | None = None
    temporary_until: date | None = None
    extended_until: date | None = None
    terminates_from: date | None = None
    renewals: tuple[UUID, ...] = ()
    disputed: tuple[DisputedContract, ...] = ()

    @property
    def policy(self) -> str:
        return self.licence.policy

    @property
    def zone(self) -> str:
        return self.licence.zone

    @property
    def counted_from(self) -> date:
        """The date from which days left and overdue are counted; a new term begins at `expires_on`."""
        others = (self.temporary_until, self.extended_until)
        return max([self.licence.expires_on, *(day for day in others if day)])

    def table(self, policies: Policies) -> Policy:
        """The stage table as it holds for this subscription."""
        policy = policies[self.policy]
        if self.terminates_from is None:
            return policy
        return policy.ending_not_before(self.terminates_from, self.counted_from)

    def stage_on(self, day: date, policies: Policies) -> Stage:
        """The stage in force on `day`: the calendar's, unless something keeps it at a looser one.

        The one place that knows of such reasons; today the only one is a contract at the desk.
        """
        stage = calendar_stage(self.counted_from, day, self.table(policies))
        return min(stage, Stage.EXPIRING, key=SEVERITY.__getitem__) if self.disputed else stage

    def told(self, stage: Stage, on: date, policies: Policies) -> Self:
        """With `stage` told up to `on`, and the next change set."""
        day = next_change_on(self.counted_from, on, self.table(policies))
        at = start_of_day(day, self.zone) if day else None
        return self.with_(stage=stage, told_on=on, next_change_at=at)

    def with_(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)
