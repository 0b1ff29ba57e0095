"""Builds the events of a subscription."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict
from uuid import UUID

from services.subscription.domain.changes.contract_check import ContractDoubt
from services.subscription.domain.facts import ContractTerms, Deletion, HoldReason, Recovery
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import SEVERITY, Policies
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.events.signing import ContractIssued
from shared.events.subscription import (
    AccessDecided,
    AccessHeld,
    AccessLocked,
    AccessRestored,
    ContractWithheld,
    DataDeletionCancelled,
    DataDeletionRequested,
    DataRecoveryRequested,
    Licence,
    OrderContradicted,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)
from shared.time.calendar import civil_date, start_of_day


class _Common(TypedDict):
    subscription_id: UUID
    office_ref: str
    product_code: str
    effective_on: date
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class EventFactory:
    """Builds events about something that took effect on the local date `on`, at the instant `at`."""

    context: StageContext
    on: date
    at: datetime
    recorded_at: datetime

    @classmethod
    def late(cls, context: StageContext, on: date, now: datetime) -> "EventFactory":
        """For what took effect at the first instant of `on`; at `now` if the clock went back before that."""
        return cls(context, on, min(start_of_day(on, context.state.zone), now), now)

    @property
    def state(self) -> Subscription:
        return self.context.state

    def recorded(self) -> Event:
        return SubscriptionRecorded(
            **self._common,
            licence=self.state.licence,
            stage=self.state.stage,
            temporary_until=self.state.temporary_until,
            storage_gb=self.state.storage_gb,
            access=self.context.table.access(self.state.stage),
            counted_from=self.context.counted_from,
            terminates_on=self.state.terminated_on or self.context.ends_on,
            end_notice_days=self.context.end_notice_days,
            deletion_due_on=self.context.deletion_due_on,
            deleted_on=self.context.deleted_on,
            held=self.context.held,
            contracts=self.state.renewals,
            disputed=tuple(terms.renewal_id for terms in self.state.disputed),
            unpaid=self.state.unpaid,
            pay_by=self.state.pay_by,
        )

    def adopted(self) -> Event:
        return SubscriptionAdopted(
            **self._common,
            stage=self.state.stage,
            access=self.context.table.access(self.state.stage),
            expires_on=self.state.licence.expires_on,
            terminates_on=self.context.ends_on,
            end_notice_days=self.context.table.end_notice_days,
            deletion_due_on=self.context.deletion_due_on,
        )

    def stage_events(self, old: Stage, new: Stage) -> tuple[Event, ...]:
        """The event of a stage change. From expiring to active there is none: only the record shows it."""
        if new is Stage.TERMINATED:
            return (self._terminated(old),)
        if SEVERITY[new] >= SEVERITY[Stage.LOCKED]:
            return (self.locked(old, new),)
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

    def renewed(self, terms: ContractTerms, old: Stage) -> Event:
        return SubscriptionRenewed(
            **self._common,
            **terms.model_dump(exclude={"stated", "earlier"}),
            expires_on=self.state.licence.expires_on,
            old_stage=old,
            new_stage=self.state.stage,
        )

    def withheld(self, contract: ContractIssued, reason: ContractDoubt) -> Event:
        number = contract.contract_number
        return ContractWithheld(
            **self._common,
            renewal_id=contract.renewal_id,
            contract_number=number[:40] if number[:40].isprintable() else "",
            reason=reason.value,
        )

    def contradicted(self, contract: ContractTerms, stated: Licence, *, applied: bool) -> Event:
        return OrderContradicted(
            **self._common,
            renewal_id=contract.renewal_id,
            contract_number=contract.contract_number,
            package=contract.package,
            users=contract.users,
            stated_package=stated.package,
            stated_users=stated.users,
            applied=applied,
        )

    def held(self, new: Stage, reason: HoldReason) -> Event:
        old = self.state.stage
        return AccessHeld(
            **self._common,
            old_stage=old,
            new_stage=new,
            access=self.context.table.access(old),
            expires_on=self.state.licence.expires_on,
            reason=reason,
            trusted_from=self.state.trust.trusted_from,
        )

    def decided(self) -> Event:
        """The public answer as of `on`, with the stages that are expected from then on."""
        return AccessDecided(
            **self._common,
            stage=self.state.stage,
            access=self.context.table.access(self.state.stage),
            expires_on=self.state.licence.expires_on,
            steps=self.context.steps(self.state.told_on),
            **self.context.paid_resources._asdict(),
        )

    def deletion_requested(self, deletion: Deletion) -> Event:
        return DataDeletionRequested(
            **self._common,
            deletion_id=deletion.id,
            terminated_on=deletion.terminated_on,
            reason=deletion.reason,
        )

    def deletion_cancelled(self, deletion: Deletion) -> Event:
        return DataDeletionCancelled(**self._common, deletion_id=deletion.id)

    def recovery_requested(self, recovery: Recovery) -> Event:
        deleted_at = self.state.deletion.deleted_at if self.state.deletion else None
        return DataRecoveryRequested(
            **self._common,
            recovery_id=recovery.id,
            terminated_on=self.state.terminated_on,
            deleted_on=civil_date(deleted_at, self.state.zone) if deleted_at else None,
        )

    def locked(self, old: Stage, new: Stage) -> Event:
        return AccessLocked(
            **self._common,
            old_stage=old,
            new_stage=new,
            access=self.context.table.access(new),
            days_overdue=self._days_overdue,
            expires_on=self.state.licence.expires_on,
            terminates_on=self.context.ends_on,
            end_notice_days=self.context.end_notice_days,
        )

    def _restored(self, old: Stage, new: Stage) -> Event:
        return AccessRestored(
            **self._common,
            old_stage=old,
            new_stage=new,
            access=self.context.table.access(new),
            expires_on=self.state.licence.expires_on,
        )

    def _terminated(self, old: Stage) -> Event:
        return SubscriptionTerminated(
            **self._common,
            old_stage=old,
            new_stage=Stage.TERMINATED,
            expires_on=self.state.licence.expires_on,
            deletion_due_on=self.on + timedelta(days=self.context.table.deletion_hold_days),
        )

    @property
    def _days_overdue(self) -> int:
        return (self.on - self.context.counted_from).days

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


def record_present(state: Subscription, policies: Policies, now: datetime) -> Event:
    """The whole state as it is at `now`, for a republication."""
    return EventFactory(StageContext.of(state, policies), civil_date(now, state.zone), now, now).recorded()
