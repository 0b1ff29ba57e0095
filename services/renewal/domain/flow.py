"""The flow of a registration: its statuses, the steps allowed in each, who takes them, and how long each
status may wait. Both ways of sending share this table; docs/reference/flow.md is drawn from it.

`check` refuses a step that isn't listed for the current status.
"""

from enum import StrEnum

from services.renewal.domain.refusal import RenewalError
from shared.flow_table import FlowTable, Owner, WaitLimit


class RegistrationStatus(StrEnum):
    """The status of a renewal. Only product lines whose offices also sign the contract use the two assent
    statuses."""

    AWAITING_SIGNATURE = "awaiting_signature"
    AWAITING_PAPER = "awaiting_paper"
    PAPER_RECEIVED = "paper_received"
    PAPER_RETURNED = "paper_returned"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    ACCEPTED = "accepted"
    AWAITING_ASSENT = "awaiting_assent"
    ASSENT_RECEIVED = "assent_received"
    CONTRACT_ISSUED = "contract_issued"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class FlowStep(StrEnum):
    """A step that changes a registration."""

    SIGN = "sign"
    CHANGE_SENDING = "change_sending"
    REISSUE = "reissue"
    CONFIRM_TERM = "confirm_term"
    SHOW_COPY = "show_copy"
    CHASE = "chase"
    REFUSE_COPY = "refuse_copy"
    RECEIVE_PAPER = "receive_paper"
    RETURN_PAPER = "return_paper"
    ACCEPT_PAPER = "accept_paper"
    ACCEPT = "accept"
    REFUSE = "refuse"
    CANCEL = "cancel"
    SIGN_CONTRACT = "sign_contract"
    LAPSE = "lapse"
    SEAL = "seal"
    VOID_CONTRACT = "void_contract"
    LET_GO = "let_go"
    PROPOSE_VOID = "propose_void"
    WITHDRAW_VOID = "withdraw_void"
    APPROVE_VOID = "approve_void"


S = RegistrationStatus

_LIMITS: dict[RegistrationStatus, WaitLimit] = {
    S.AWAITING_SIGNATURE: WaitLimit(Owner.OFFICE, 10),
    S.AWAITING_PAPER: WaitLimit(Owner.OFFICE, 7),
    S.PAPER_RETURNED: WaitLimit(Owner.OFFICE, 7),
    S.PAPER_RECEIVED: WaitLimit(Owner.DESK, 1),
    S.AWAITING_CONFIRMATION: WaitLimit(Owner.DESK, 1),
    S.ACCEPTED: WaitLimit(Owner.SIGNING, 1),
    S.AWAITING_ASSENT: WaitLimit(Owner.OFFICE, 10),
    S.ASSENT_RECEIVED: WaitLimit(Owner.DESK, 1),
}

_STEP_OWNERS: dict[FlowStep, tuple[Owner, ...]] = {
    FlowStep.SIGN: (Owner.OFFICE,),
    FlowStep.CHANGE_SENDING: (Owner.OFFICE, Owner.DESK),
    FlowStep.REISSUE: (Owner.RULE,),
    FlowStep.CONFIRM_TERM: (Owner.OFFICE, Owner.DESK),
    FlowStep.SHOW_COPY: (Owner.OFFICE,),
    FlowStep.CHASE: (Owner.RULE,),
    FlowStep.REFUSE_COPY: (Owner.DESK,),
    FlowStep.RECEIVE_PAPER: (Owner.DESK,),
    FlowStep.RETURN_PAPER: (Owner.DESK,),
    FlowStep.ACCEPT_PAPER: (Owner.DESK,),
    FlowStep.ACCEPT: (Owner.DESK,),
    FlowStep.REFUSE: (Owner.DESK,),
    FlowStep.CANCEL: (Owner.OFFICE, Owner.DESK),
    FlowStep.SIGN_CONTRACT: (Owner.OFFICE,),
    FlowStep.LAPSE: (Owner.RULE,),
    FlowStep.SEAL: (Owner.SIGNING,),
    FlowStep.VOID_CONTRACT: (Owner.DESK,),
    FlowStep.LET_GO: (Owner.SIGNING,),
    FlowStep.PROPOSE_VOID: (Owner.DESK,),
    FlowStep.WITHDRAW_VOID: (Owner.DESK,),
    FlowStep.APPROVE_VOID: (Owner.DESK,),
}

_TAKEN_ON = (S.ACCEPTED, S.AWAITING_ASSENT)
_UNSENT = {
    FlowStep.SIGN: (*_TAKEN_ON, S.AWAITING_CONFIRMATION, S.AWAITING_SIGNATURE),
    FlowStep.CHANGE_SENDING: (
        S.AWAITING_SIGNATURE,
        S.AWAITING_PAPER,
        S.PAPER_RECEIVED,
        S.PAPER_RETURNED,
        S.AWAITING_CONFIRMATION,
    ),
    FlowStep.REISSUE: (S.AWAITING_SIGNATURE, S.AWAITING_PAPER, *_TAKEN_ON, S.AWAITING_CONFIRMATION),
    FlowStep.CONFIRM_TERM: (S.AWAITING_SIGNATURE, S.AWAITING_PAPER, *_TAKEN_ON, S.AWAITING_CONFIRMATION),
    FlowStep.RECEIVE_PAPER: (S.PAPER_RECEIVED,),
    FlowStep.REFUSE: (S.REFUSED,),
    FlowStep.CANCEL: (S.CANCELLED,),
}
_POSTED = {
    **_UNSENT,
    FlowStep.SHOW_COPY: (S.AWAITING_PAPER,),
    FlowStep.REFUSE_COPY: (S.AWAITING_PAPER,),
    FlowStep.CHASE: (S.AWAITING_PAPER,),
}

_TRANSITIONS: dict[RegistrationStatus, dict[FlowStep, tuple[RegistrationStatus, ...]]] = {
    S.AWAITING_SIGNATURE: {
        **_UNSENT,
        FlowStep.REFUSE_COPY: (S.AWAITING_SIGNATURE,),
        FlowStep.CHASE: (S.AWAITING_SIGNATURE,),
    },
    S.AWAITING_PAPER: _POSTED,
    S.PAPER_RETURNED: {
        **_POSTED,
        FlowStep.REISSUE: (S.AWAITING_PAPER,),
        FlowStep.CONFIRM_TERM: (S.PAPER_RETURNED,),
        FlowStep.SHOW_COPY: (S.PAPER_RETURNED,),
        FlowStep.REFUSE_COPY: (S.PAPER_RETURNED,),
        FlowStep.CHASE: (S.PAPER_RETURNED,),
    },
    S.PAPER_RECEIVED: {
        FlowStep.SIGN: (*_TAKEN_ON, S.AWAITING_CONFIRMATION, S.AWAITING_SIGNATURE),
        FlowStep.CHANGE_SENDING: (S.AWAITING_SIGNATURE, S.AWAITING_CONFIRMATION),
        FlowStep.REISSUE: (S.PAPER_RECEIVED,),
        FlowStep.CONFIRM_TERM: (S.PAPER_RECEIVED,),
        FlowStep.REFUSE_COPY: (S.PAPER_RECEIVED,),
        FlowStep.RECEIVE_PAPER: (S.PAPER_RECEIVED,),
        FlowStep.RETURN_PAPER: (S.PAPER_RETURNED,),
        FlowStep.ACCEPT_PAPER: (*_TAKEN_ON, S.AWAITING_CONFIRMATION, S.AWAITING_PAPER),
        FlowStep.REFUSE: (S.REFUSED,),
        FlowStep.CANCEL: (S.CANCELLED,),
    },
    S.AWAITING_CONFIRMATION: {
        FlowStep.CHANGE_SENDING: (
            S.AWAITING_SIGNATURE,
            S.AWAITING_PAPER,
            S.PAPER_RECEIVED,
            S.PAPER_RETURNED,
            S.AWAITING_CONFIRMATION,
        ),
        FlowStep.REISSUE: (S.AWAITING_CONFIRMATION, S.AWAITING_SIGNATURE, S.AWAITING_PAPER, *_TAKEN_ON),
        FlowStep.ACCEPT: _TAKEN_ON,
        FlowStep.REFUSE: (S.REFUSED,),
        FlowStep.CANCEL: (S.CANCELLED,),
    },
    S.ACCEPTED: {
        FlowStep.SEAL: (S.CONTRACT_ISSUED,),
        FlowStep.VOID_CONTRACT: (S.ACCEPTED,),
        FlowStep.LET_GO: (S.AWAITING_CONFIRMATION,),
    },
    S.AWAITING_ASSENT: {
        FlowStep.SIGN_CONTRACT: (S.ACCEPTED,),
        FlowStep.SEAL: (S.CONTRACT_ISSUED,),
        FlowStep.RECEIVE_PAPER: (S.ASSENT_RECEIVED,),
        FlowStep.LAPSE: (S.AWAITING_ASSENT,),
        FlowStep.VOID_CONTRACT: (S.AWAITING_ASSENT,),
        FlowStep.LET_GO: (S.AWAITING_CONFIRMATION,),
    },
    S.ASSENT_RECEIVED: {
        FlowStep.SIGN_CONTRACT: (S.ACCEPTED,),
        FlowStep.SEAL: (S.CONTRACT_ISSUED,),
        FlowStep.RECEIVE_PAPER: (S.ASSENT_RECEIVED,),
        FlowStep.RETURN_PAPER: (S.AWAITING_ASSENT,),
        FlowStep.ACCEPT_PAPER: (S.ACCEPTED,),
        FlowStep.VOID_CONTRACT: (S.ASSENT_RECEIVED,),
        FlowStep.LET_GO: (S.AWAITING_CONFIRMATION,),
    },
    S.CONTRACT_ISSUED: {
        FlowStep.PROPOSE_VOID: (S.CONTRACT_ISSUED,),
        FlowStep.WITHDRAW_VOID: (S.CONTRACT_ISSUED,),
        FlowStep.APPROVE_VOID: (S.CANCELLED,),
    },
    S.REFUSED: {},
    S.CANCELLED: {},
}
REGISTRATION_FLOW = FlowTable(
    first=(S.AWAITING_SIGNATURE, S.AWAITING_PAPER),
    transitions=_TRANSITIONS,
    step_owners=_STEP_OWNERS,
    limits=_LIMITS,
    settled=(S.CONTRACT_ISSUED, S.REFUSED, S.CANCELLED),
    corrections=frozenset({FlowStep.PROPOSE_VOID, FlowStep.WITHDRAW_VOID, FlowStep.APPROVE_VOID}),
)
"""The open statuses wait for somebody. An office that lets its limit pass gets a reminder
(`registration.reminder.remind`)."""

AWAITING_CONTRACT = (S.AWAITING_ASSENT, S.ASSENT_RECEIVED)
"""The registration is accepted, and the office must sign the contract before the vendor does."""
OPEN = REGISTRATION_FLOW.waiting
VALID = (*OPEN, S.CONTRACT_ISSUED)
"""The registration is neither refused nor cancelled."""
CANCELLABLE = REGISTRATION_FLOW.with_step(FlowStep.CANCEL)
"""The statuses in which the office can still cancel, because the vendor hasn't accepted."""


def may(status: RegistrationStatus, step: FlowStep) -> bool:
    return REGISTRATION_FLOW.may(status, step)


def check(status: RegistrationStatus, step: FlowStep, name: str = "not-awaiting") -> None:
    """Raises RenewalError(`name`), with the current status, where the step isn't allowed."""
    if not may(status, step):
        raise RenewalError(name, standing=status.value)
