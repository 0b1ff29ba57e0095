"""The simulated platform's record of one subscription's data, as pure decisions.

A real platform recovers better. Here the rule is: everything if nothing was deleted, part of it from backups
within RECOVERABLE after the deletion, nothing later.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal, TypedDict
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from deploy.local.clock.clock import ZONE
from shared.events.base import Event
from shared.events.platform import DataDeleted, DataRecoveryAnswered, ResourcesGranted, UsageReported
from shared.events.resources import ResourcesRequested
from shared.events.subscription import (
    DataDeletionCancelled,
    DataDeletionRequested,
    DataRecoveryRequested,
    SubscriptionRecorded,
)
from shared.ids import derived
from shared.storage.aggregate import Decision, State
from shared.time.calendar import civil_date

RECOVERABLE = timedelta(days=30)
_STORED = 20 * 1024**3

Answer = Literal["restored", "partly", "impossible"]


class _Common(TypedDict):
    subscription_id: UUID
    office_ref: str
    product_code: str
    effective_on: date
    occurred_at: datetime
    recorded_at: datetime


class PlannedDeletion(BaseModel):
    """A deletion that was requested and is not done. `asked_by` and `correlation_id` continue the request's
    causation chain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    due_at: AwareDatetime
    asked_by: UUID | None
    correlation_id: UUID


class TenantData(State):
    """`due_at`: the earliest moment at which a deletion is due. `settled`: deletions that are done or
    cancelled. `revisions`: the newest revision of each grant of resources, by the grant's id."""

    subscription_id: UUID
    office_ref: str
    product_code: str
    deletions: tuple[PlannedDeletion, ...] = ()
    due_at: AwareDatetime | None = None
    deleted_at: AwareDatetime | None = None
    settled: tuple[UUID, ...] = ()
    measured: bool = False
    revisions: Mapping[str, int] = Field(default_factory=dict)

    def with_deletions(self, *deletions: PlannedDeletion) -> "TenantData":
        due_at = min((deletion.due_at for deletion in deletions), default=None)
        return self.model_copy(update={"deletions": deletions, "due_at": due_at})

    def without(self, deletion: UUID) -> "TenantData":
        """With that deletion done or cancelled."""
        others = (other for other in self.deletions if other.id != deletion)
        settled = self.model_copy(update={"settled": (*self.settled, deletion)})
        return settled.with_deletions(*others)


Decided = Decision[TenantData]


def of(event: Event) -> TenantData:
    """The state of a subscription that the platform hears of for the first time: its data exists."""
    return TenantData(
        subscription_id=event.subscription_id, office_ref=event.office_ref, product_code=event.product_code
    )


def plan_deletion(state: TenantData, event: DataDeletionRequested, deletion: PlannedDeletion) -> Decided:
    """Plan the deletion. A deletion that is already known stays unchanged."""
    known = {*state.settled, *(other.id for other in state.deletions)}
    if event.deletion_id in known:
        return Decision(state)
    return Decision(state.with_deletions(*state.deletions, deletion))


def cancel_deletion(state: TenantData, event: DataDeletionCancelled) -> Decided:
    """Cancel the deletion unless it is done, even if the cancellation arrives before the request."""
    return Decision(state if event.deletion_id in state.settled else state.without(event.deletion_id))


def measure(state: TenantData, event: SubscriptionRecorded, now: datetime) -> Decided:
    """Report once how much of the licence the office uses. The figures are made up, and the same on every
    machine."""
    if state.measured:
        return Decision(state)
    users, stored = _used(state, event.licence.users)
    told = UsageReported(**_common(state, now), users_used=users, storage_used_bytes=stored, measured_at=now)
    return Decision(state.model_copy(update={"measured": True}), (told,))


def grant(state: TenantData, event: ResourcesRequested, now: datetime) -> Decided:
    """Grant or withdraw as requested, and tell the use. A request that was replaced since changes nothing."""
    known = state.revisions.get(str(event.grant_id), 0)
    if event.revision < known:
        return Decision(state)
    users, stored = _used(state, event.users)
    told = ResourcesGranted(
        **_common(state, now),
        **event.model_dump(include={"grant_id", "revision", "package", "users", "storage_gb"}),
        withdrawn=event.voided_by is not None,
        users_used=users,
        storage_used_bytes=stored,
        measured_at=now,
    )
    revisions = {**state.revisions, str(event.grant_id): event.revision}
    return Decision(state.model_copy(update={"revisions": revisions}), (told,))


def delete(state: TenantData, deletion: PlannedDeletion, now: datetime) -> Decided:
    """Delete the data and publish the proof. A second deletion publishes its own proof."""
    proof = f"sim-{derived('deleted', deletion.id).hex[:16]}"
    told = DataDeleted(**_common(state, now), deletion_id=deletion.id, deleted_at=now, proof=proof)
    return Decision(state.without(deletion.id).model_copy(update={"deleted_at": now}), (told,))


def recover(state: TenantData, event: DataRecoveryRequested, now: datetime) -> Decided:
    answer = _answer(state, now)
    told = DataRecoveryAnswered(
        **_common(state, now), recovery_id=event.recovery_id, answer=answer, note=_NOTES[answer]
    )
    return Decision(state, (told,))


def _common(state: TenantData, now: datetime) -> _Common:
    return _Common(
        subscription_id=state.subscription_id,
        office_ref=state.office_ref,
        product_code=state.product_code,
        effective_on=civil_date(now, ZONE),
        occurred_at=now,
        recorded_at=now,
    )


def _used(state: TenantData, users: int) -> tuple[int, int]:
    """How many of the `users`, and how many bytes, are used: made up, and the same on every machine."""
    chance = derived("usage", state.subscription_id).int
    return chance % (users + 1), chance % _STORED


def _answer(state: TenantData, now: datetime) -> Answer:
    if state.deleted_at is None:
        return "restored"
    return "partly" if now - state.deleted_at <= RECOVERABLE else "impossible"


_NOTES: dict[Answer, str] = {
    "restored": "Dữ liệu còn nguyên và đã được khôi phục. / The data was still there and is restored.",
    "partly": "Đã khôi phục từ bản sao lưu; phần nhập sau bản sao lưu không còn. / "
    "Restored from a backup; what was entered after it is lost.",
    "impossible": "Bản sao lưu đã hết hạn lưu; không khôi phục được. / "
    "The backups are past their keeping; nothing can be restored.",
}
