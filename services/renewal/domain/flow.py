"""The flow of a registration: where it may stand, what may be done there and by whom, and who is waited
for how long. Both ways of sending are in this one table; docs/reference/flow.md is drawn from it.

A step that isn't listed for where the registration stands is refused (`check`).
"""

from dataclasses import dataclass
from enum import StrEnum

from services.renewal.domain.refusal import Refused


class Status(StrEnum):
    """Where a renewal stands. The two of assent are of product lines whose offices sign the contract too."""

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


class Step(StrEnum):
    """What somebody does."""

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


class Owner(StrEnum):
    """Who does it, or is waited for."""

    OFFICE = "office"
    DESK = "desk"
    RULE = "rule"
    SIGNING = "signing"


@dataclass(frozen=True, slots=True)
class Waits:
    """Who is waited for, and after how many working days it is late. An office is reminded then
    (`reminding.reminded`)."""

    owner: Owner
    working_days: int


S = Status

WAITS: dict[Status, Waits] = {
    S.AWAITING_SIGNATURE: Waits(Owner.OFFICE, 10),
    S.AWAITING_PAPER: Waits(Owner.OFFICE, 7),
    S.PAPER_RETURNED: Waits(Owner.OFFICE, 7),
    S.PAPER_RECEIVED: Waits(Owner.DESK, 1),
    S.AWAITING_CONFIRMATION: Waits(Owner.DESK, 1),
    S.ACCEPTED: Waits(Owner.SIGNING, 1),
    S.AWAITING_ASSENT: Waits(Owner.OFFICE, 10),
    S.ASSENT_RECEIVED: Waits(Owner.DESK, 1),
}
"""Those that wait; the others have ended."""

BY: dict[Step, tuple[Owner, ...]] = {
    Step.SIGN: (Owner.OFFICE,),
    Step.CHANGE_SENDING: (Owner.OFFICE, Owner.DESK),
    Step.REISSUE: (Owner.RULE,),
    Step.CONFIRM_TERM: (Owner.OFFICE, Owner.DESK),
    Step.SHOW_COPY: (Owner.OFFICE,),
    Step.CHASE: (Owner.RULE,),
    Step.REFUSE_COPY: (Owner.DESK,),
    Step.RECEIVE_PAPER: (Owner.DESK,),
    Step.RETURN_PAPER: (Owner.DESK,),
    Step.ACCEPT_PAPER: (Owner.DESK,),
    Step.ACCEPT: (Owner.DESK,),
    Step.REFUSE: (Owner.DESK,),
    Step.CANCEL: (Owner.OFFICE, Owner.DESK),
    Step.SIGN_CONTRACT: (Owner.OFFICE,),
    Step.LAPSE: (Owner.RULE,),
    Step.SEAL: (Owner.SIGNING,),
    Step.VOID_CONTRACT: (Owner.DESK,),
    Step.LET_GO: (Owner.SIGNING,),
}

_TAKEN_ON = (S.ACCEPTED, S.AWAITING_ASSENT)
_UNSENT = {
    Step.SIGN: (*_TAKEN_ON, S.AWAITING_CONFIRMATION, S.AWAITING_SIGNATURE),
    Step.CHANGE_SENDING: (
        S.AWAITING_SIGNATURE,
        S.AWAITING_PAPER,
        S.PAPER_RECEIVED,
        S.PAPER_RETURNED,
        S.AWAITING_CONFIRMATION,
    ),
    Step.REISSUE: (S.AWAITING_SIGNATURE, S.AWAITING_PAPER, *_TAKEN_ON, S.AWAITING_CONFIRMATION),
    Step.CONFIRM_TERM: (S.AWAITING_SIGNATURE, S.AWAITING_PAPER, *_TAKEN_ON, S.AWAITING_CONFIRMATION),
    Step.RECEIVE_PAPER: (S.PAPER_RECEIVED,),
    Step.REFUSE: (S.REFUSED,),
    Step.CANCEL: (S.CANCELLED,),
}
_POSTED = {
    **_UNSENT,
    Step.SHOW_COPY: (S.AWAITING_PAPER,),
    Step.REFUSE_COPY: (S.AWAITING_PAPER,),
    Step.CHASE: (S.AWAITING_PAPER,),
}

TRANSITIONS: dict[Status, dict[Step, tuple[Status, ...]]] = {
    S.AWAITING_SIGNATURE: {
        **_UNSENT,
        Step.REFUSE_COPY: (S.AWAITING_SIGNATURE,),
        Step.CHASE: (S.AWAITING_SIGNATURE,),
    },
    S.AWAITING_PAPER: _POSTED,
    S.PAPER_RETURNED: {
        **_POSTED,
        Step.REISSUE: (S.AWAITING_PAPER,),
        Step.CONFIRM_TERM: (S.PAPER_RETURNED,),
        Step.SHOW_COPY: (S.PAPER_RETURNED,),
        Step.REFUSE_COPY: (S.PAPER_RETURNED,),
        Step.CHASE: (S.PAPER_RETURNED,),
    },
    S.PAPER_RECEIVED: {
        Step.SIGN: (*_TAKEN_ON, S.AWAITING_CONFIRMATION, S.AWAITING_SIGNATURE),
        Step.CHANGE_SENDING: (S.AWAITING_SIGNATURE, S.AWAITING_CONFIRMATION),
        Step.REISSUE: (S.PAPER_RECEIVED,),
        Step.CONFIRM_TERM: (S.PAPER_RECEIVED,),
        Step.REFUSE_COPY: (S.PAPER_RECEIVED,),
        Step.RECEIVE_PAPER: (S.PAPER_RECEIVED,),
        Step.RETURN_PAPER: (S.PAPER_RETURNED,),
        Step.ACCEPT_PAPER: (*_TAKEN_ON, S.AWAITING_CONFIRMATION, S.AWAITING_PAPER),
        Step.REFUSE: (S.REFUSED,),
        Step.CANCEL: (S.CANCELLED,),
    },
    S.AWAITING_CONFIRMATION: {
        Step.CHANGE_SENDING: (
            S.AWAITING_SIGNATURE,
            S.AWAITING_PAPER,
            S.PAPER_RECEIVED,
            S.PAPER_RETURNED,
            S.AWAITING_CONFIRMATION,
        ),
        Step.REISSUE: (S.AWAITING_CONFIRMATION, S.AWAITING_SIGNATURE, S.AWAITING_PAPER, *_TAKEN_ON),
        Step.ACCEPT: _TAKEN_ON,
        Step.REFUSE: (S.REFUSED,),
        Step.CANCEL: (S.CANCELLED,),
    },
    S.ACCEPTED: {
        Step.SEAL: (S.CONTRACT_ISSUED,),
        Step.VOID_CONTRACT: (S.ACCEPTED,),
        Step.LET_GO: (S.AWAITING_CONFIRMATION,),
    },
    S.AWAITING_ASSENT: {
        Step.SIGN_CONTRACT: (S.ACCEPTED,),
        Step.SEAL: (S.CONTRACT_ISSUED,),
        Step.RECEIVE_PAPER: (S.ASSENT_RECEIVED,),
        Step.LAPSE: (S.AWAITING_ASSENT,),
        Step.VOID_CONTRACT: (S.AWAITING_ASSENT,),
        Step.LET_GO: (S.AWAITING_CONFIRMATION,),
    },
    S.ASSENT_RECEIVED: {
        Step.SIGN_CONTRACT: (S.ACCEPTED,),
        Step.SEAL: (S.CONTRACT_ISSUED,),
        Step.RECEIVE_PAPER: (S.ASSENT_RECEIVED,),
        Step.RETURN_PAPER: (S.AWAITING_ASSENT,),
        Step.ACCEPT_PAPER: (S.ACCEPTED,),
        Step.VOID_CONTRACT: (S.ASSENT_RECEIVED,),
        Step.LET_GO: (S.AWAITING_CONFIRMATION,),
    },
    S.CONTRACT_ISSUED: {},
    S.REFUSED: {},
    S.CANCELLED: {},
}
"""From where, by which step, to where. More than one: what the step finds decides."""

ASSENTING = (S.AWAITING_ASSENT, S.ASSENT_RECEIVED)
"""Accepted, and the office signs the contract first."""
OPEN = tuple(WAITS)
STANDING = (*OPEN, S.CONTRACT_ISSUED)
AWAITING = tuple(status for status in OPEN if Step.CANCEL in TRANSITIONS[status])
"""What the office can still take back: the vendor hasn't accepted."""


def may(status: Status, step: Step) -> bool:
    return step in TRANSITIONS[status]


def check(status: Status, step: Step, name: str = "not-awaiting") -> None:
    """Raises Refused(`name`), which tells where it stands."""
    if not may(status, step):
        raise Refused(name, standing=status.value)
