"""The flow of an invoice, from the request on the form to what the e-invoice system issued."""

from enum import StrEnum

from shared.flow_table import FlowTable, LimitStart, Owner, WaitLimit


class InvoiceStatus(StrEnum):
    """`DECLARED`: asked for on the form, and not requested yet."""

    DECLARED = "declared"
    REQUESTED = "requested"
    ISSUED = "issued"
    ADJUSTED = "adjusted"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


class InvoiceStep(StrEnum):
    """A step that changes an invoice. `RECORD`: the e-invoice system issued or corrected it. `LOOK`: a clerk
    says that nothing odd is left. `CLOSE`: its registration was closed."""

    REQUEST = "request"
    CHANGE = "change"
    CANCEL = "cancel"
    CLOSE = "close"
    RECORD = "record"
    LOOK = "look"


S, Step = InvoiceStatus, InvoiceStep
_ISSUED = (S.ADJUSTED, S.REPLACED)
INVOICE_FLOW = FlowTable(
    first=(S.DECLARED,),
    transitions={
        S.DECLARED: {
            Step.REQUEST: (S.REQUESTED,),
            Step.CHANGE: (S.DECLARED,),
            Step.CANCEL: (S.CANCELLED,),
            Step.RECORD: (S.ISSUED,),
        },
        S.REQUESTED: {
            Step.CHANGE: (S.REQUESTED,),
            Step.CANCEL: (S.CANCELLED,),
            Step.CLOSE: (S.CANCELLED,),
            Step.RECORD: (S.ISSUED,),
        },
        S.CANCELLED: {Step.REQUEST: (S.REQUESTED,), Step.RECORD: (S.ISSUED,)},
        S.ISSUED: {Step.RECORD: _ISSUED, Step.LOOK: (S.ISSUED,), Step.CLOSE: (S.ISSUED,)},
        S.ADJUSTED: {Step.RECORD: _ISSUED, Step.LOOK: (S.ADJUSTED,), Step.CLOSE: (S.ADJUSTED,)},
        S.REPLACED: {Step.RECORD: _ISSUED, Step.LOOK: (S.REPLACED,), Step.CLOSE: (S.REPLACED,)},
    },
    step_owners={
        Step.REQUEST: (Owner.RULE, Owner.DESK),
        Step.CHANGE: (Owner.OFFICE, Owner.DESK),
        Step.CANCEL: (Owner.DESK,),
        Step.CLOSE: (Owner.RULE,),
        Step.RECORD: (Owner.EINVOICE, Owner.DESK),
        Step.LOOK: (Owner.DESK,),
    },
    limits={
        S.DECLARED: WaitLimit(Owner.RULE, 1, LimitStart.CONTRACT),
        S.REQUESTED: WaitLimit(Owner.EINVOICE, 3, LimitStart.WANTED_DAY),
        S.ISSUED: WaitLimit(Owner.DESK, 3, LimitStart.LOOK),
        S.ADJUSTED: WaitLimit(Owner.DESK, 3, LimitStart.LOOK),
        S.REPLACED: WaitLimit(Owner.DESK, 3, LimitStart.LOOK),
    },
    settled=(S.CANCELLED,),
    corrections=frozenset({Step.REQUEST, Step.RECORD}),
)
"""Until the contract is in force, the registration waits, by its own limits. For one that costs nothing
nothing is requested."""
