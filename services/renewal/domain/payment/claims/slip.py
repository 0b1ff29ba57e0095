"""What follows when the office uploads its payment order: the desk looks at it, and nothing else."""

from datetime import date, datetime

from services.renewal.domain.payment.claims.claim import PaymentSlip, Side
from services.renewal.domain.payment.receivable import Receivable, claim_payment
from services.renewal.domain.payment.transfer import is_payable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from shared.events.base import DocumentRef
from shared.storage.aggregate import Decision

_MOST_SLIPS = 20


def attach_slip(
    state: Receivable, renewal: Renewal, document: DocumentRef, side: Side, now: datetime
) -> Decision[Receivable] | None:
    """The office uploads its payment order to what it says to have paid. None where it is the newest one
    already. Raises RenewalError where nothing is claimed, or all is here."""
    if not is_payable(renewal):
        raise RenewalError("nothing-to-pay")
    if state.paid >= state.amount:
        raise RenewalError("paid-already")
    if not state.open_claim:
        raise RenewalError("nothing-claimed")
    if state.slips and state.slips[-1].document.sha256 == document.sha256:
        return None
    if len(state.slips) >= _MOST_SLIPS:
        raise RenewalError("slips-full")
    slip = PaymentSlip(document=document, side=side, uploaded_at=now)
    return Decision(state.model_copy(update={"slips": (*state.slips, slip)}))


def claim_with_slip(
    state: Receivable,
    renewal: Renewal,
    paid_on: date,
    memo: str,
    document: DocumentRef,
    side: Side,
    now: datetime,
) -> Decision[Receivable] | None:
    """`claim_payment` and `attach_slip` in one. None where both are known."""
    claimed = claim_payment(state, renewal, paid_on, memo, side, now)
    attached = attach_slip(claimed.state if claimed else state, renewal, document, side, now)
    if claimed and attached:
        return Decision(attached.state, claimed.events)
    return attached or claimed
