"""Whether the vendor accepts a registration: decided by rule where possible, otherwise by a clerk."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.renewal.domain import flow
from services.renewal.domain.desk.good_standing import Measure, MeasuredValues, unmet_conditions
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.joint import closure
from services.renewal.domain.payment.commitment_steps import decide_by_rule, with_commitment_accepted
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import AWAITED, DeskReason, FormCheck, Renewal, event_fields
from services.renewal.domain.wait import wait_until
from shared.events.order import FullGrant
from shared.events.renewal import RenewalAccepted, RenewalRefused
from shared.storage.aggregate import Decision


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What the rule needs besides the registration: the licence's current last day of use, the measures of
    the office's good standing, whether the vendor's certificate can seal contracts, and whether an earlier
    registration of the present term had an accepted commitment. `joined_moved`: the last day of use of
    another product differs from that on the form, and the contract would state it."""

    expires_on: date
    measured: MeasuredValues
    seal_ready: bool = True
    committed_before: bool = False
    joined_moved: bool = False


def decide_on_form(
    renewal: Renewal, check: FormCheck, facts: ApprovalFacts, now: datetime
) -> Decision[Renewal]:
    """Decides on a signed form that was checked: the rule accepts it, or leaves it to the desk
    with the reason. Where the office must agree to the form's term first, the registration waits for that.

    A form whose last day of use was corrected never becomes a contract without a clerk. The form is also the
    commitment to pay by a day: the rule may accept that too.
    """
    decided = _decide(renewal.with_changes(judged=check), check, facts, now)
    if _forbids_day(renewal.registration, facts):
        return decided
    return decide_by_rule(decided, facts.measured, now)


def _forbids_day(registration: Registration, facts: ApprovalFacts) -> tuple[str, ...]:
    """Why only a clerk may agree to the day to pay of a contract that gives full use at the payment. Such a
    contract promises temporary use until then. After a default, or another commitment of the term, the rule's
    word gives none: only the desk's does."""
    if registration.full_grant is FullGrant.AT_CONTRACT:
        return ()
    broken = facts.measured[Measure.BROKEN_COMMITMENTS]
    lacking = (f"{Measure.BROKEN_COMMITMENTS} <= 0 ({broken})",) if broken else ()
    return (*lacking, "a second commitment of the term") if facts.committed_before else lacking


def _decide(renewal: Renewal, check: FormCheck, facts: ApprovalFacts, now: datetime) -> Decision[Renewal]:
    if not renewal.is_valid_revision(check.revision):
        waits = renewal.with_status(
            AWAITED[renewal.registration.send_by], now, needs_desk=None, desk_note=None
        )
        return Decision(waits)
    registration, found, doubt = renewal.registration, check.found, check.doubt
    if renewal.void_contracts:  # after a void contract, a person must decide
        doubt = DeskReason.CONTRACT_VOIDED
    lacking = unmet_conditions(registration.good_standing, facts.measured)
    lacking = (*lacking, *_forbids_day(registration, facts))
    if renewal.commitment and renewal.commitment.is_in_default:
        lacking = (*lacking, f"{Measure.BROKEN_COMMITMENTS} <= 0 (1)")
    if reason := _why_desk(registration, facts, doubt, lacking):
        why = "; ".join((found, *lacking))
        return Decision(
            renewal.with_status(
                RegistrationStatus.AWAITING_CONFIRMATION, now, needs_desk=reason, desk_note=why
            )
        )
    held = (str(condition) for condition in registration.good_standing)
    return _accept(renewal, "rule", "; ".join((found, "contract.prepare automatic", *held)), now)


def accept(renewal: Renewal, clerk: str, reason: str, expires_on: date, now: datetime) -> Decision[Renewal]:
    """A desk clerk accepts, and with the form its commitment to pay. `clerk` is the subject of the clerk's
    token.

    Raises RenewalError where the registration isn't awaiting confirmation, or the form's term is outdated.
    """
    flow.check(renewal.status, FlowStep.ACCEPT, "not-awaiting-confirmation")
    if renewal.registration.term.basis_expires_on != expires_on:
        raise RenewalError("form-untrue")
    taken = _accept(renewal.with_changes(accepted_by=clerk), "desk", reason, now)
    return with_commitment_accepted(taken, clerk, reason, now)


def refuse(renewal: Renewal, reason: str, now: datetime) -> Decision[Renewal]:
    """The desk refuses the registration; the office gets the reason. Raises RenewalError once it is
    accepted."""
    flow.check(renewal.status, FlowStep.REFUSE)
    closure.check(renewal, FlowStep.REFUSE)
    event = RenewalRefused(**event_fields(renewal.registration, now), reason=reason)
    return Decision(
        renewal.with_status(RegistrationStatus.REFUSED, now, needs_desk=None, desk_note=None, refused=reason),
        (event,),
    )


def _why_desk(
    registration: Registration, facts: ApprovalFacts, doubt: DeskReason | None, lacking: tuple[str, ...]
) -> DeskReason | None:
    if registration.term.basis_expires_on != facts.expires_on or facts.joined_moved:
        return DeskReason.EXPIRY_MOVED
    if doubt:
        return doubt
    if registration.prepare is ContractPreparation.DESK:
        return DeskReason.PRODUCT_SETTING
    if lacking:
        return DeskReason.NOT_IN_GOOD_STANDING
    return None if facts.seal_ready else DeskReason.SEAL_NOT_READY


def _accept(
    renewal: Renewal, decided_by: Literal["rule", "desk"], reason: str, now: datetime
) -> Decision[Renewal]:
    after = renewal.with_status(
        RegistrationStatus.ACCEPTED, now, needs_desk=None, desk_note=None, accepted_because=reason
    )
    fields = {"decided_by": decided_by, "reason": reason, "wait_until": wait_until(after)}
    event = RenewalAccepted(**event_fields(renewal.registration, now), **fields)
    return Decision(after, (event,))
