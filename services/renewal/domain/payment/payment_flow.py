"""The two flows of a payment: what the registration still waits for, and a line of a bank statement."""

from enum import StrEnum

from services.renewal.domain.payment.balance import PaymentStatus
from services.renewal.domain.payment.commitment import SEEN_AFTER
from shared.flow_table import FlowTable, LimitStart, Owner, WaitLimit


class PaymentStep(StrEnum):
    """What changes the balance of a registration. `FALL_DUE`: the last day to pay has passed. `POSTPONE`: its
    commitment gets a later day. `REVERSE`: also of money that came for a replaced registration. `CLOSE`: the
    registration is cancelled or refused."""

    CLAIM = "claim"
    CHASE = "chase"
    REFUSE_CLAIM = "refuse_claim"
    RECORD = "record"
    REVERSE = "reverse"
    FALL_DUE = "fall_due"
    POSTPONE = "postpone"
    CLOSE = "close"


S, Step = PaymentStatus, PaymentStep
_UNPAID = (S.UNPAID, S.REPORTED, S.OVERDUE)
_RECEIVED, _CLOSED = (S.PART_PAID, S.PAID), (S.CLOSED, S.REFUNDED)

PAYMENT_FLOW = FlowTable(
    first=(S.UNPAID, S.REPORTED, S.CLOSED),
    transitions={
        S.UNPAID: {
            Step.CLAIM: (S.REPORTED,),
            Step.RECORD: _RECEIVED,
            Step.FALL_DUE: (S.OVERDUE,),
            Step.POSTPONE: (S.UNPAID,),
            Step.CLOSE: _CLOSED,
        },
        S.REPORTED: {
            Step.CLAIM: (S.REPORTED,),
            Step.CHASE: (S.REPORTED,),
            Step.REFUSE_CLAIM: (S.UNPAID, S.OVERDUE),
            Step.RECORD: _RECEIVED,
            Step.REVERSE: (S.UNPAID, S.OVERDUE),
            Step.CLOSE: _CLOSED,
        },
        S.PART_PAID: {
            Step.CLAIM: (S.PART_PAID,),
            Step.CHASE: (S.PART_PAID,),
            Step.REFUSE_CLAIM: (S.PART_PAID,),
            Step.RECORD: _RECEIVED,
            Step.REVERSE: (*_UNPAID, S.PART_PAID),
            Step.FALL_DUE: (S.PART_PAID,),
            Step.CLOSE: (S.HELD,),
        },
        S.PAID: {
            Step.RECORD: (S.PAID,),
            Step.REVERSE: (*_UNPAID, *_RECEIVED),
            Step.CLOSE: (S.HELD,),
        },
        S.OVERDUE: {
            Step.CLAIM: (S.REPORTED,),
            Step.RECORD: _RECEIVED,
            Step.POSTPONE: (S.UNPAID,),
            Step.CLOSE: _CLOSED,
        },
        S.CLOSED: {
            Step.CHASE: (S.CLOSED,),
            Step.REFUSE_CLAIM: (S.CLOSED,),
            Step.RECORD: (S.HELD,),
        },
        S.HELD: {
            Step.CHASE: (S.HELD,),
            Step.REFUSE_CLAIM: (S.HELD,),
            Step.RECORD: (S.HELD,),
            Step.REVERSE: (S.HELD, *_CLOSED),
        },
        S.REFUNDED: {
            Step.CHASE: (S.REFUNDED,),
            Step.REFUSE_CLAIM: (S.REFUNDED,),
            Step.RECORD: (S.HELD,),
        },
    },
    step_owners={
        Step.CLAIM: (Owner.OFFICE, Owner.DESK),
        Step.CHASE: (Owner.RULE,),
        Step.REFUSE_CLAIM: (Owner.DESK,),
        Step.RECORD: (Owner.RULE, Owner.DESK),
        Step.REVERSE: (Owner.DESK,),
        Step.FALL_DUE: (Owner.RULE,),
        Step.POSTPONE: (Owner.DESK,),
        Step.CLOSE: (Owner.OFFICE, Owner.DESK),
    },
    limits={
        S.UNPAID: WaitLimit(Owner.OFFICE, SEEN_AFTER, LimitStart.PAY_DAY),
        S.REPORTED: WaitLimit(Owner.DESK, SEEN_AFTER),
        S.PART_PAID: WaitLimit(Owner.DESK, SEEN_AFTER, LimitStart.PAY_DAY),
        S.OVERDUE: WaitLimit(Owner.DESK, SEEN_AFTER, LimitStart.PAY_DAY),
        S.HELD: WaitLimit(Owner.DESK, SEEN_AFTER),
    },
    settled=(S.PAID, S.CLOSED, S.REFUNDED),
    corrections=frozenset({Step.RECORD, Step.REVERSE, Step.CLOSE}),
)
"""The status is computed (`PaymentBalance.of`): tests hold each step against this table."""
