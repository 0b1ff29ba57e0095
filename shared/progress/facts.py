"""The facts from which the progress line of one registration is computed.

Each service keeps its own copy of them: renewal from its aggregates, the notifier from the events.
docs/adr/0015 has the reasons.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.situation import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """What is to be paid at the latest on `due_on`. `paid_on`: all was here then. `is_here`: all that is open
    came for a registration that this one replaced, and the vendor moves it. `is_reported`: the office says
    that it has paid, and the vendor looks for the money until `seen_by`. `in_part`: a part is here."""

    due_on: date | None = None
    paid_on: date | None = None
    is_here: bool = False
    is_reported: bool = False
    seen_by: date | None = None
    in_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """An invoice that the office wants on `wanted_on`; it was issued on `issued_on`."""

    wanted_on: date | None = None
    issued_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressFacts:
    """What the line needs to know. A day that isn't known, or isn't set, is None.

    `turn` is who must act next until the contract is issued (`shared.situation.turn_of`). The office
    should sign or show its form by `form_by`, and post it by `post_by`. `form_on`: the form came then,
    stamped if `on_paper`. `form_shown`: a picture of the stamped form is here. `form_returned`: the last
    one was sent back. The vendor gives its next answer by `answer_by`. `contract_here`: the contract came
    stamped. `contract_on`: it is in force since then. `recorded`: so is its term; `disputed`: the vendor
    is checking that; `unpaid`: it gives full use only once it is paid. `temporary_until` is the last day
    of temporary access that lasts now. `payment`, `invoice`: None where nothing is to be paid or
    invoiced. `closed`: how the registration ended, on `closed_on`. `replaced`: another one took its
    place. `overtaken`: a later one is open or has a contract.
    """

    today: date
    declared_on: date
    turn: Turn
    form_by: date | None = None
    post_by: date | None = None
    form_on: date | None = None
    on_paper: bool = False
    form_shown: bool = False
    form_returned: bool = False
    accepted: bool = False
    answer_by: date | None = None
    sign_by: date | None = None
    contract_here: bool = False
    contract_on: date | None = None
    recorded: bool = True
    disputed: bool = False
    unpaid: bool = False
    temporary_until: date | None = None
    payment: PaymentFacts | None = None
    invoice: InvoiceFacts | None = None
    closed: Literal["refused", "cancelled", "contract_void"] | None = None
    closed_on: date | None = None
    replaced: bool = False
    overtaken: bool = False
