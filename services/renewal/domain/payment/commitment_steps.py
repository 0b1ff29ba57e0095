"""The steps of a commitment to pay, each with its event."""

from datetime import date, datetime, timedelta

from services.renewal.domain.desk.good_standing import MeasuredValues, unmet_conditions
from services.renewal.domain.flow import AWAITING_CONTRACT, RegistrationStatus
from services.renewal.domain.payment.commitment import (
    SEEN_AFTER,
    Commitment,
    CommitmentStatus,
    CommitmentStep,
)
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.payment.transfer import is_payable, transfer_of
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.renewal import DeskReason, Renewal, event_fields
from services.renewal.domain.vendor import Vendor
from services.renewal.domain.working_days import next_working_day, working_day_after
from shared.events.base import Event
from shared.events.commitment import (
    CommitmentAccepted,
    CommitmentBroken,
    CommitmentExtended,
    CommitmentRefused,
    PaymentAwaited,
)
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

_FORM_HERE = (RegistrationStatus.AWAITING_CONFIRMATION, RegistrationStatus.ACCEPTED, *AWAITING_CONTRACT)
_NO_DOUBT = (None, DeskReason.PRODUCT_SETTING, DeskReason.EXPIRY_MOVED, DeskReason.SEAL_NOT_READY)
"""The desk must act, but not because of the office or its signature."""


def decide_by_rule(decision: Decision[Renewal], measured: MeasuredValues, now: datetime) -> Decision[Renewal]:
    """The decision about a form that came, and with it the acceptance of its commitment where the office has
    surely signed it and the product's conditions are met. Otherwise the commitment waits for the desk."""
    renewal = decision.state
    conditions = renewal.registration.commitment_conditions
    sure = renewal.status in _FORM_HERE and renewal.needs_desk in _NO_DOUBT
    if conditions is None or not sure or unmet_conditions(conditions, measured):
        return decision
    return with_commitment_accepted(decision, "rule", "; ".join(map(str, conditions)), now)


def with_commitment_accepted(
    decision: Decision[Renewal], by: str, reason: str, now: datetime
) -> Decision[Renewal]:
    """The decision, and with it the acceptance of a commitment that waits for one."""
    commitment = decision.state.commitment
    if commitment is None or commitment.status is not CommitmentStatus.AWAITING:
        return decision
    accepted = accept_commitment(decision.state, by, reason, now)
    return Decision(accepted.state, (*decision.events, *accepted.events))


def accept_commitment(renewal: Renewal, by: str, reason: str, now: datetime) -> Decision[Renewal]:
    """The rule (`by` is "rule") or a clerk accepts the day. Raises RenewalError where it is decided, or
    nothing is to be paid."""
    accepted = _open_commitment(renewal).decided(CommitmentStep.ACCEPT, by, reason, now)
    event = CommitmentAccepted(
        **event_fields(renewal.registration, now),
        pay_by=accepted.pay_by,
        access_until=accepted.access_until,
        decided_by="rule" if by == "rule" else "desk",
        reason=reason,
    )
    return Decision(renewal.with_changes(commitment=accepted), (event,))


def refuse_commitment(renewal: Renewal, by: str, reason: str, now: datetime) -> Decision[Renewal]:
    """The desk doesn't accept the day: the office pays at once. Raises RenewalError."""
    refused = _open_commitment(renewal).decided(CommitmentStep.REFUSE, by, reason, now)
    event = CommitmentRefused(**event_fields(renewal.registration, now), pay_by=refused.pay_by, reason=reason)
    return Decision(renewal.with_changes(commitment=refused), (event,))


def extend_commitment(
    renewal: Renewal, until: date, by: str, reason: str, now: datetime
) -> Decision[Renewal]:
    """The desk gives the office until `until`, or the working day after it. Once. Raises RenewalError, also
    for a day that isn't later, is past, or is too late."""
    known = _open_commitment(renewal)
    today, pay_by = civil_date(now, renewal.registration.zone), next_working_day(until)
    if known.extended_from:
        raise RenewalError("commitment-extended")
    latest = max(known.pay_by, today) + timedelta(days=renewal.registration.extension_days)
    if until <= max(known.pay_by, today):
        raise RenewalError("extension-day-untrue")
    if until > latest:
        late = InvalidField("/until", "after_latest", {"latest": f"{latest:%d/%m/%Y}"})
        raise RenewalError("extension-day-untrue", late)
    extended = known.decided(
        CommitmentStep.EXTEND, by, reason, now, pay_by=pay_by, extended_from=known.pay_by
    ).reminded_until(today)
    event = CommitmentExtended(
        **event_fields(renewal.registration, now),
        old_pay_by=known.pay_by,
        pay_by=pay_by,
        access_until=extended.access_until,
        reason=reason,
    )
    return Decision(renewal.with_changes(commitment=extended), (event,))


def settle_commitment(renewal: Renewal, receivable: Receivable, now: datetime) -> Decision[Renewal] | None:
    """The commitment is kept once all is paid, and open again if that no longer counts. None where it stands
    so already. The payment's own event tells it."""
    commitment = renewal.commitment
    is_paid = receivable.paid >= receivable.amount
    if commitment is None or is_paid is (commitment.status is CommitmentStatus.KEPT):
        return None
    today = civil_date(now, renewal.registration.zone)
    settled = commitment.kept() if is_paid else commitment.reopened(today)
    return Decision(renewal.with_changes(commitment=settled))


def follow_commitment(
    renewal: Renewal, receivable: Receivable, vendor: Vendor, now: datetime
) -> Decision[Renewal] | None:
    """What today brings: a reminder, or the end of a commitment that isn't kept. Reminders that an outage has
    passed over don't come any more, only the last one. None where today brings nothing."""
    commitment, today = renewal.commitment, civil_date(now, renewal.registration.zone)
    if commitment is None or commitment.next_on is None or today < commitment.next_on:
        return None
    if not is_payable(renewal):
        return Decision(renewal.with_changes(commitment=commitment.settled()))
    if settled := settle_commitment(renewal, receivable, now):
        return settled
    open_amount = receivable.amount - receivable.paid
    if postponed := _until_claim_is_seen(commitment, receivable, today):
        return Decision(renewal.with_changes(commitment=postponed))
    told = commitment.reminded_until(today)
    last = told.reminders[told.reminded - 1]
    events: list[Event] = []
    fields = event_fields(renewal.registration, now)
    if last.why == "overdue" and commitment.may_break:
        told = told.model_copy(update={"status": CommitmentStatus.BROKEN, "broken_at": now})
        amounts = {"open_vnd": open_amount, "total_vnd": receivable.amount}
        events.append(CommitmentBroken(**fields, pay_by=told.pay_by, **amounts))
    if last.why == "overdue" or not receivable.open_claim:
        transfer = transfer_of(renewal, vendor, open_amount)
        awaited = {"why": last.why, "due_on": told.pay_by, "reminder": told.reminded, "transfer": transfer}
        events.append(PaymentAwaited(**fields, **awaited))
    return Decision(renewal.with_changes(commitment=told), tuple(events))


def _open_commitment(renewal: Renewal) -> Commitment:
    if renewal.commitment is None or not is_payable(renewal):
        raise RenewalError("nothing-to-pay")
    return renewal.commitment


def _until_claim_is_seen(commitment: Commitment, receivable: Receivable, today: date) -> Commitment | None:
    """The office says that it paid on a day: the banks have their days before its commitment counts as
    broken. None where they had them, or it says nothing."""
    claim = receivable.claim if receivable.open_claim else None
    if claim is None or today < commitment.seen_on:
        return None
    seen_on = working_day_after(claim.paid_on, SEEN_AFTER)
    return commitment.model_copy(update={"next_on": seen_on}) if today < seen_on else None
