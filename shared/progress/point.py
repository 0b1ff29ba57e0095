"""The points of a progress line: what a renewal passes, and how it stands with each."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal


class Milestone(StrEnum):
    """What a renewal passes, in the order in which the points that aren't done stand on the line. `CLOSED`:
    the registration was refused or cancelled."""

    DECLARED = "declared"
    FORM = "form"
    CONTRACT = "contract"
    ACCESS = "access"
    PAYMENT = "payment"
    INVOICE = "invoice"
    CLOSED = "closed"


class PointState(StrEnum):
    """`RUNNING`: the office has it for the present, such as temporary access, and nobody is waited for."""

    DONE = "done"
    RUNNING = "running"
    NOW = "now"
    NEXT = "next"
    STOPPED = "stopped"


class PointDetail(StrEnum):
    """What exactly is done or awaited at a point: each has a text of its own."""

    DECLARED = "declared"
    FORM_SIGNED = "form_signed"
    FORM_RECEIVED = "form_received"
    FORM_TO_SIGN = "form_to_sign"
    FORM_TO_SEND = "form_to_send"
    FORM_TO_POST = "form_to_post"
    FORM_RETURNED = "form_returned"
    TERM_TO_CONFIRM = "term_to_confirm"
    CONTRACT_AWAITED = "contract_awaited"
    CONTRACT_CHECKED = "contract_checked"
    CONTRACT_SEALED = "contract_sealed"
    CONTRACT_TO_SIGN = "contract_to_sign"
    CONTRACT_RECEIVED = "contract_received"
    CONTRACT_ISSUED = "contract_issued"
    ACCESS_GIVEN = "access_given"
    ACCESS_RECORDED = "access_recorded"
    ACCESS_CHECKED = "access_checked"
    ACCESS_TEMPORARY = "access_temporary"
    ACCESS_AWAITED = "access_awaited"
    ACCESS_UNPAID = "access_unpaid"
    PAID = "paid"
    PAYMENT_AWAITED = "payment_awaited"
    PAYMENT_PART = "payment_part"
    PAYMENT_HERE = "payment_here"
    PAYMENT_REPORTED = "payment_reported"
    INVOICE_ISSUED = "invoice_issued"
    INVOICE_AWAITED = "invoice_awaited"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    CONTRACT_VOID = "contract_void"


@dataclass(frozen=True, slots=True)
class ProgressPoint:
    """One point. `on` is the day on which it was done or stopped, None for what isn't. `waits_for` must act
    next, at the latest on `until`, if there is such a day; for temporary access `until` is its last day.
    `late`: that day has passed."""

    milestone: Milestone
    state: PointState
    detail: PointDetail
    on: date | None = None
    waits_for: Literal["office", "vendor"] | None = None
    until: date | None = None
    late: bool = False
