"""The flow of the deletion of an ended subscription's data: two people and the platform's proof."""

from enum import StrEnum

from shared.flow_table import FlowTable, LimitStart, Owner, WaitLimit


class DeletionStatus(StrEnum):
    """`REQUESTED`: approved, and the platform is asked to delete."""

    PROPOSED = "proposed"
    REQUESTED = "requested"
    DELETED = "deleted"
    CANCELLED = "cancelled"


class DeletionStep(StrEnum):
    """A step that changes a deletion. `RENEW`: the service has not ended any more. `PROVE`: the platform says
    that it deleted, perhaps after the deletion was cancelled."""

    PROPOSE = "propose"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    RENEW = "renew"
    PROVE = "prove"


S, Step = DeletionStatus, DeletionStep
DELETION_FLOW = FlowTable(
    first=(S.PROPOSED,),
    transitions={
        S.PROPOSED: {
            Step.APPROVE: (S.REQUESTED,),
            Step.WITHDRAW: (S.CANCELLED,),
            Step.RENEW: (S.CANCELLED,),
        },
        S.REQUESTED: {
            Step.WITHDRAW: (S.CANCELLED,),
            Step.RENEW: (S.CANCELLED,),
            Step.PROVE: (S.DELETED,),
        },
        S.CANCELLED: {Step.PROPOSE: (S.PROPOSED,), Step.PROVE: (S.DELETED,)},
        S.DELETED: {Step.PROPOSE: (S.PROPOSED,), Step.PROVE: (S.DELETED,)},
    },
    step_owners={
        Step.PROPOSE: (Owner.OPS,),
        Step.APPROVE: (Owner.OPS,),
        Step.WITHDRAW: (Owner.OPS,),
        Step.RENEW: (Owner.RULE,),
        Step.PROVE: (Owner.PLATFORM,),
    },
    limits={
        S.PROPOSED: WaitLimit(Owner.OPS, start=LimitStart.HOLD_END, days=7),
        S.REQUESTED: WaitLimit(Owner.PLATFORM, days=7),
    },
    settled=(S.DELETED, S.CANCELLED),
    corrections=frozenset({Step.PROPOSE, Step.PROVE}),
)
"""Another deletion can be proposed after a cancelled one, or after another end of the service."""
