"""The data of an ended subscription: its deletion by two people, and the office's request to recover it."""

from datetime import date, datetime
from uuid import UUID

from services.subscription.domain.deletion_flow import DeletionStatus, DeletionStep
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.event_factory import EventFactory
from services.subscription.domain.facts import Deletion, Recovery
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import Decided, add_record, finalise, without_deletion
from services.subscription.domain.subscription import Subscription
from shared import ids
from shared.events.platform import DataDeleted, DataRecoveryAnswered
from shared.resilience.errors import Unproven
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date


def propose_deletion(state: Subscription, by: str, reason: str, now: datetime) -> Decided:
    """One person proposes the deletion, at any time after the end.

    Raises SubscriptionError if service has not ended, or a deletion is proposed already.
    """
    if state.terminated_on is None:
        raise SubscriptionError("not-ended")
    if state.deletion and _is_in_force(state.deletion, state.terminated_on):
        raise SubscriptionError("deletion-proposed")
    earlier = state.deletion.id if state.deletion else None
    deletion = Deletion(
        id=ids.derived("deletion", state.id, state.terminated_on, earlier),
        terminated_on=state.terminated_on,
        reason=reason,
        proposed_by=by,
        proposed_on=civil_date(now, state.zone),
    )
    return Decision(state.with_(deletion=deletion))


def _is_in_force(deletion: Deletion, terminated_on: date) -> bool:
    """Whether the deletion belongs to the present end, and is proposed, requested or done."""
    return deletion.terminated_on == terminated_on and deletion.status is not DeletionStatus.CANCELLED


def approve_deletion(state: Subscription, by: str, now: datetime, policies: Policies) -> Decided:
    """Another person approves the deletion after the hold, and the platform is asked to delete.

    Raises SubscriptionError if nothing is proposed, it is the same person, a registration is open, or the
    hold still runs.
    """
    deletion = state.deletion
    if deletion is None or not deletion.may(DeletionStep.APPROVE):
        raise SubscriptionError("no-deletion")
    if deletion.proposed_by == by:
        raise SubscriptionError("same-person")
    if state.open_registrations:
        raise SubscriptionError("registration-open")
    today = civil_date(now, state.zone)
    context = StageContext.of(state, policies)
    if today < context.deletion_due_on:
        raise SubscriptionError("hold-runs", day=context.deletion_due_on.isoformat())
    approved = deletion.model_copy(update={"approved_by": by, "approved_on": today})
    factory = EventFactory(context, today, now, now)
    return finalise(state.with_(deletion=approved), (factory.deletion_requested(approved),), now, policies)


def withdraw_deletion(state: Subscription, now: datetime, policies: Policies) -> Decided:
    """A person cancels the deletion, before or after the platform was asked.

    Raises SubscriptionError if there is none, or it is done.
    """
    deletion = state.deletion
    if deletion is None or not deletion.may(DeletionStep.WITHDRAW):
        raise SubscriptionError("no-deletion")
    factory = EventFactory(StageContext.of(state, policies), civil_date(now, state.zone), now, now)
    after, events = without_deletion(state, factory)
    return finalise(after, events, now, policies)


def record_deletion(state: Subscription, proof: DataDeleted, now: datetime, policies: Policies) -> Decided:
    """Record the platform's proof of a deletion, even if the deletion was cancelled too late.

    Raises Unproven if the platform was never asked for this deletion.
    """
    deletion = state.deletion
    if deletion is None or deletion.id != proof.deletion_id or not deletion.requested:
        raise Unproven("proof of a deletion that was not requested")
    if deletion.deleted_at:
        return Decision(state)
    known = {"deleted_at": proof.deleted_at, "proof": proof.proof}
    after = state.with_(deletion=deletion.model_copy(update=known))
    return Decision(after, add_record(state, after, (), now, policies))


def request_recovery(
    state: Subscription, now: datetime, policies: Policies, id: UUID | None = None
) -> Decided:
    """The office asks to recover its data; a renewal alone restores none.

    `id` is the request's id if it has one already. Raises SubscriptionError if service never ended, or an
    earlier request has no answer yet.
    """
    if any(recovery.id == id for recovery in state.recoveries):
        return Decision(state)
    if state.terminated_on is None and state.deletion is None:
        raise SubscriptionError("never-ended")
    if any(recovery.answer is None for recovery in state.recoveries):
        raise SubscriptionError("recovery-open")
    today = civil_date(now, state.zone)
    id = id or ids.derived("recovery", state.id, len(state.recoveries))
    recovery = Recovery(id=id, asked_on=today)
    after = state.with_(recoveries=(*state.recoveries, recovery))
    factory = EventFactory(StageContext.of(state, policies), today, now, now)
    return finalise(after, (factory.recovery_requested(recovery),), now, policies)


def answer_recovery(state: Subscription, answer: DataRecoveryAnswered) -> Decided:
    known = {"answer": answer.answer, "note": answer.note}
    return Decision(
        state.with_(
            recoveries=tuple(
                recovery.model_copy(update=known) if recovery.id == answer.recovery_id else recovery
                for recovery in state.recoveries
            )
        )
    )
