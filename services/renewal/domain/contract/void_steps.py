"""Voiding a contract in force: a clerk proposes it with a reason, another one approves it.

The registration is closed with its contract. What was paid is no longer due, an issued invoice is for the
desk to have adjusted, and the subscription goes back to the term before.
"""

from collections.abc import Iterable
from datetime import datetime

from services.renewal.domain import flow
from services.renewal.domain.contract.voided import VoidedContract, VoidProposal
from services.renewal.domain.flow import VALID, FlowStep, RegistrationStatus
from services.renewal.domain.joint import closure
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal, event_fields
from shared.events.renewal import ContractVoided
from shared.storage.aggregate import Decision

_NAME = "no-contract-in-force"


def check_not_followed(renewal: Renewal, others: Iterable[Renewal]) -> None:
    """`others`: the office's registrations. Raises RenewalError where a later one of the same subscription,
    which counts from the contract's term, is open or has its own contract."""
    made = renewal.registration
    for other in others:
        if other.status in VALID and any(_counts_from(each, made) for each in other.carried):
            raise RenewalError("void-followed", registration=str(other.registration.renewal_id))


def _counts_from(other: Registration, made: Registration) -> bool:
    later = other.term.basis_expires_on > made.term.basis_expires_on
    return later and other.subscription_id == made.subscription_id


def propose_void(renewal: Renewal, by: str, reason: str, now: datetime) -> Decision[Renewal]:
    """Raises RenewalError where no contract is in force, its form is that of several products, or it is
    proposed."""
    flow.check(renewal.status, FlowStep.PROPOSE_VOID, _NAME)
    closure.check(renewal, FlowStep.PROPOSE_VOID)
    if renewal.void_proposal:
        raise RenewalError("void-proposed")
    return Decision(renewal.with_changes(void_proposal=VoidProposal(reason=reason, by=by, at=now)))


def withdraw_void(renewal: Renewal) -> Decision[Renewal]:
    """Ends the proposal: the contract stays in force. Raises RenewalError where nothing is proposed."""
    flow.check(renewal.status, FlowStep.WITHDRAW_VOID, _NAME)
    if renewal.void_proposal is None:
        raise RenewalError("void-not-proposed")
    return Decision(renewal.with_changes(void_proposal=None))


def approve_void(renewal: Renewal, by: str, now: datetime) -> Decision[Renewal]:
    """The second person approves: the contract is void, its number stays used, and the registration is
    closed. Raises RenewalError where nothing is proposed, or the same person proposed it."""
    flow.check(renewal.status, FlowStep.APPROVE_VOID, _NAME)
    closure.check(renewal, FlowStep.APPROVE_VOID)
    proposal, number, dated = renewal.void_proposal, renewal.contract_number, renewal.contract_date
    if proposal is None or number is None or dated is None:
        raise RenewalError("void-not-proposed")
    if proposal.by == by:
        raise RenewalError("void-same-person")
    fields = {"contract_number": str(number), "reason": proposal.reason, "in_force": True}
    event = ContractVoided(**event_fields(renewal.registration, now), **fields)
    void = VoidedContract(
        number=number, dated=dated, reason=proposal.reason, by=proposal.by, at=now, approved_by=by
    )
    closed = renewal.with_status(
        RegistrationStatus.CANCELLED,
        now,
        cancelled=proposal.reason,
        void_proposal=None,
        void_contracts=(*renewal.void_contracts, void),
        contract_number=None,
        contract_date=None,
    )
    return Decision(closed, (event,))
