"""The events that tell what became of a subscription."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from services.subscription.domain.policy import SEVERITY, Policies
from services.subscription.domain.subscription import Subscription
from shared.calendar import start_of_day
from shared.events.base import Event, Stage
from shared.events.signing import ContractIssued
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)


class _Common(TypedDict):
    subscription_id: UUID
    office_ref: str
    product_code: str
    effective_on: date
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells of `state` that something took effect on the local date `on`, and did so at the instant `at`."""

    state: Subscription
    policies: Policies
    on: date
    at: datetime
    recorded_at: datetime

    @classmethod
    def late(cls, state: Subscription, policies: Policies, on: date, now: datetime) -> "Telling":
        """Tells now what took effect with the first instant of `on`."""
        return cls(state, policies, on, start_of_day(on, state.zone), now)

    def recorded(self) -> Event:
        return SubscriptionRecorded(**self._common, licence=self.state.licence, stage=self.state.stage)

    def adopted(self) -> Event:
        table, counted_from = self.state.table(self.policies), self.state.counted_from
        return SubscriptionAdopted(
            **self._common,
            stage=self.state.stage,
            access=table.access(self.state.stage),
            expires_on=self.state.licence.expires_on,
            terminates_on=table.ends_on(counted_from),
            deletion_due_on=table.deletion_due_on(counted_from),
        )

    def moved(self, old: Stage, new: Stage) -> tuple[Event, ...]:
        """The event of the move, if it has one: from expiring to active only the record tells."""
        if new is Stage.TERMINATED:
            return (self._terminated(old),)
        if SEVERITY[new] >= SEVERITY[Stage.LOCKED]:
            return (self._locked(old, new),)
        if SEVERITY[old] >= SEVERITY[Stage.LOCKED]:
            return (self._restored(old, new),)
        return (self.expiring(old),) if new is Stage.EXPIRING else ()

    def expiring(self, old: Stage) -> Event:
        return SubscriptionExpiring(
            **self._common,
            old_stage=old,
            new_stage=Stage.EXPIRING,
            days_left=-self._days_overdue,
            expires_on=self.state.licence.expires_on,
        )

    def renewed(self, contract: ContractIssued, old: Stage) -> Event:
        return SubscriptionRenewed(
            **self._common,
            renewal_id=contract.renewal_id,
            contract_number=contract.contract_number,
            basis_expires_on=contract.term.basis_expires_on,
            term_from=contract.term.term_from,
            term_to=contract.term.term_to,
            expires_on=self.state.licence.expires_on,
            package=contract.package,
            users=contract.users,
            old_stage=old,
            new_stage=self.state.stage,
        )

    def _locked(self, old: Stage, new: Stage) -> Event:
        table = self.state.table(self.policies)
        return AccessLocked(
            **self._common,
            old_stage=old,
            new_stage=new,
            access=table.access(new),
            days_overdue=self._days_overdue,
            expires_on=self.state.licence.expires_on,
            terminates_on=table.ends_on(self.state.counted_from),
        )

    def _restored(self, old: Stage, new: Stage) -> Event:
        return AccessRestored(
            **self._common,
            old_stage=old,
            new_stage=new,
            access=self.state.table(self.policies).access(new),
            expires_on=self.state.licence.expires_on,
        )

    def _terminated(self, old: Stage) -> Event:
        table = self.state.table(self.policies)
        return SubscriptionTerminated(
            **self._common,
            old_stage=old,
            new_stage=Stage.TERMINATED,
            expires_on=self.state.licence.expires_on,
            deletion_due_on=table.deletion_due_on(self.state.counted_from),
        )

    @property
    def _days_overdue(self) -> int:
        return (self.on - self.state.counted_from).days

    @property
    def _common(self) -> _Common:
        return _Common(
            subscription_id=self.state.id,
            office_ref=self.state.office_ref,
            product_code=self.state.product_code,
            effective_on=self.on,
            occurred_at=self.at,
            recorded_at=self.recorded_at,
        )
