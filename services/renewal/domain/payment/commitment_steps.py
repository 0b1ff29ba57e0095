"""The steps of a commitment to pay, each with its event."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.renewal.domain.desk.good_standing import MeasuredValues, unmet_conditions
from services.renewal.domain.flow import AWAITING_CONTRACT, RegistrationStatus
from services.renewal.domain.joint.shares import paid_products
from services.renewal.domain.payment.commitment import (
    REFUSED_PAYS_IN,
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
from shared.events.order import FullGrant
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

FORM_HERE = (
    RegistrationStatus.PAPER_RECEIVED,
    RegistrationStatus.AWAITING_CONFIRMATION,
    RegistrationStatus.ACCEPTED,
    *AWAITING_CONTRACT,
    RegistrationStatus.CONTRACT_ISSUED,
)
"""The commitment is part of the form: before the form is here, there is none."""
CONTRACT_SAYS = "contract"
"""Why a commitment is accepted: its contract is in force, and says until when it gives temporary use."""
_NO_DOUBT = (None, DeskReason.PRODUCT_SETTING, DeskReason.EXPIRY_MOVED, DeskReason.SEAL_NOT_READY)
"""The desk must act, but not because of the office or its signature."""


def decide_by_rule(decision: Decision[Renewal], measured: MeasuredValues, now: datetime) -> Decision[Renewal]:
    """The decision about a form that came, and with it the acceptance of its commitment where the office has
    surely signed it and the product's conditions are met. Otherwise the commitment waits for the desk."""
    renewal = decision.state
    conditions, check = renewal.registration.commitment_conditions, renewal.judged
    no_doubt = check is not None and check.doubt is None and not renewal.void_contracts
    sure = renewal.status in FORM_HERE and renewal.needs_desk in _NO_DOUBT and no_doubt
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
    ahead = with_day_ahead(decision.state, civil_date(now, decision.state.registration.zone))
    accepted = accept_commitment(ahead, by, reason, now)
    return Decision(accepted.state, (*decision.events, *accepted.events), decision.snapshot)


def with_day_ahead(renewal: Renewal, today: date) -> Renewal:
    """With a day to pay that the office can keep, for a contract of today that gives full use at the payment.
    The day that the form states may be over before the form is here, or before the office may have signed
    the contract: then some working days follow. A day that is decided stays."""
    commitment, registration = renewal.commitment, renewal.registration
    if registration.full_grant is FullGrant.AT_CONTRACT or commitment is None:
        return renewal
    signed_by = working_day_after(today, registration.assent_days or 0)
    is_open = commitment.status is CommitmentStatus.AWAITING and not commitment.paid
    if not is_open or commitment.pay_by >= signed_by:
        return renewal
    ahead = commitment.model_copy(update={"pay_by": working_day_after(signed_by, REFUSED_PAYS_IN)})
    return renewal.with_changes(commitment=ahead.reminded_until(today))


def paid_use_until(renewal: Renewal, dated: date) -> date | None:
    """The last day to pay for a contract of that date that gives full use at the payment, as the contract
    says it. None where it gives full use at once, or the vendor agreed to no day: the commitment was refused
    or broken, or its day is over."""
    commitment = renewal.commitment
    if renewal.registration.full_grant is FullGrant.AT_CONTRACT or commitment is None:
        return None
    agreed = (commitment.is_running and commitment.pay_by >= dated) or commitment.paid
    return commitment.pay_by if agreed else None


def was_committed(newest_first: Iterable[Renewal]) -> bool:
    """Whether one of the subscription's registrations since its last contract in force had an accepted
    commitment."""
    for renewal in newest_first:
        if renewal.status is RegistrationStatus.CONTRACT_ISSUED:
            return False
        commitment = renewal.commitment
        if commitment and commitment.status in (CommitmentStatus.ACCEPTED, CommitmentStatus.BROKEN):
            return True
    return False


def with_day_agreed(decision: Decision[Renewal], now: datetime) -> Decision[Renewal]:
    """The decision; with the contract that is in force now, the day to pay is agreed. An office that declared
    that it has paid has some working days for its money to be seen, and then owes it like others. The clerk
    who accepted its form agrees to the day, too."""
    renewal, today = decision.state, civil_date(now, decision.state.registration.zone)
    if renewal.commitment is None and is_payable(renewal):
        made = Commitment.made(working_day_after(today, REFUSED_PAYS_IN), today)
        renewal = renewal.with_changes(commitment=made)
    agreed = Decision(renewal, decision.events, decision.snapshot)
    return with_commitment_accepted(agreed, renewal.accepted_by or "rule", CONTRACT_SAYS, now)


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


def is_day_in_contract(renewal: Renewal) -> bool:
    """Whether the contract that is made agrees to the day to pay: it gives full use at the payment."""
    return renewal.registration.full_grant is FullGrant.AT_PAYMENT and renewal.contract_number is not None


def refuse_commitment(renewal: Renewal, by: str, reason: str, now: datetime) -> Decision[Renewal]:
    """The desk doesn't accept the day: the office pays within some working days. Raises RenewalError, also
    where the contract is made that agrees to the day."""
    if is_day_in_contract(renewal):
        raise RenewalError("commitment-in-contract")
    known, today = _open_commitment(renewal), civil_date(now, renewal.registration.zone)
    soon = min(known.pay_by, working_day_after(today, REFUSED_PAYS_IN))
    refused = known.decided(CommitmentStep.REFUSE, by, reason, now, pay_by=soon).reminded_until(today)
    days = {"pay_by": known.pay_by, "due_on": refused.pay_by}
    event = CommitmentRefused(**event_fields(renewal.registration, now), **days, reason=reason)
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
    commitment, paid = renewal.commitment, receivable.paid >= receivable.amount
    paid_of = () if paid else paid_products(renewal.registration, receivable.paid, receivable.allocated)
    if commitment is None or (commitment.paid, commitment.paid_of) == (paid, paid_of):
        return None
    if commitment.paid is not paid:
        commitment = commitment.after_payment(paid, civil_date(now, renewal.registration.zone))
    return Decision(renewal.with_changes(commitment=commitment.model_copy(update={"paid_of": paid_of})))


def follow_commitment(
    renewal: Renewal, receivable: Receivable, vendor: Vendor, now: datetime
) -> Decision[Renewal] | None:
    """What today brings: a reminder, or the end of an accepted commitment that isn't kept. Reminders that an
    outage has passed over don't come any more, only the last one; before the form is here none comes. None
    where today brings nothing."""
    commitment, today = renewal.commitment, civil_date(now, renewal.registration.zone)
    if commitment is None or commitment.next_on is None or today < commitment.next_on:
        return None
    if settled := settle_commitment(renewal, receivable, now) if is_payable(renewal) else None:
        return settled
    if not is_payable(renewal) or commitment.paid:
        return Decision(renewal.with_changes(commitment=commitment.without_reminders()))
    if postponed := _until_claim_is_seen(renewal, receivable, today):
        return Decision(renewal.with_changes(commitment=postponed))
    told = commitment.reminded_until(today)
    if renewal.status not in FORM_HERE:
        return Decision(renewal.with_changes(commitment=told))
    return _remind(renewal, told, receivable, vendor, now)


def _remind(
    renewal: Renewal, told: Commitment, receivable: Receivable, vendor: Vendor, now: datetime
) -> Decision[Renewal]:
    last, fields = told.reminders[told.reminded - 1], event_fields(renewal.registration, now)
    open_amount = receivable.asked
    events: list[Event] = []
    if last.why == "overdue" and told.may(CommitmentStep.BREAK):
        told = told.model_copy(update={"status": told.after(CommitmentStep.BREAK), "broken_at": now})
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


def _until_claim_is_seen(renewal: Renewal, receivable: Receivable, today: date) -> Commitment | None:
    """The office says that it paid: the banks have their days, from the first time that it said so, before
    its commitment counts as broken. Money that is here, at a replaced registration, waits for the desk alone.
    None where they had them, or it says nothing."""
    commitment, since = renewal.commitment, receivable.claimed_since
    if commitment is None or since is None:
        return None
    if not receivable.asked:
        return commitment.model_copy(update={"next_on": working_day_after(today, SEEN_AFTER)})
    if today < commitment.seen_on:
        return None
    seen_on = working_day_after(civil_date(since, renewal.registration.zone), SEEN_AFTER)
    return commitment.model_copy(update={"next_on": seen_on}) if today < seen_on else None
