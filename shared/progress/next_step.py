"""The next step that an office itself can take on a registration."""

from enum import StrEnum

from shared.progress.facts import ProgressFacts
from shared.progress.line import ProgressLine
from shared.progress.point import Milestone, PointDetail


class NextStep(StrEnum):
    """`FOLLOW`: the vendor's turn; the office can look. `SEE_REPLACEMENT`: another registration took its
    place."""

    SIGN_FORM = "sign_form"
    SEND_FORM = "send_form"
    CONFIRM_TERM = "confirm_term"
    SIGN_CONTRACT = "sign_contract"
    PAY = "pay"
    REGISTER_AGAIN = "register_again"
    SEE_REPLACEMENT = "see_replacement"
    OPEN_CONTRACT = "open_contract"
    FOLLOW = "follow"


_STEPS = {
    PointDetail.FORM_TO_SIGN: NextStep.SIGN_FORM,
    PointDetail.FORM_TO_SEND: NextStep.SEND_FORM,
    PointDetail.FORM_RETURNED: NextStep.SEND_FORM,
    PointDetail.TERM_TO_CONFIRM: NextStep.CONFIRM_TERM,
    PointDetail.CONTRACT_TO_SIGN: NextStep.SIGN_CONTRACT,
}


def next_step(facts: ProgressFacts, line: ProgressLine) -> NextStep:
    """What stops the renewal comes first; then a payment that is late or the only thing left. An ended
    registration that a later one has overtaken asks for nothing."""
    if facts.closed:
        ended = NextStep.FOLLOW if facts.overtaken else NextStep.REGISTER_AGAIN
        return NextStep.SEE_REPLACEMENT if facts.replaced else ended
    now, payment = line.now, line.find(Milestone.PAYMENT)
    if now and now.detail in _STEPS:
        return _STEPS[now.detail]
    if payment and payment.waits_for == "office" and (payment is now or payment.late):
        return NextStep.PAY
    return NextStep.OPEN_CONTRACT if facts.contract_on else NextStep.FOLLOW
