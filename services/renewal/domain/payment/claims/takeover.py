"""A registration replaces another that the office has paid, or says to have paid: it must not be asked again.

The money stays where it was recorded, under the old order code. The desk moves it, with a reason.
"""

from datetime import date, datetime

from services.renewal.domain.payment.receivable import PaymentClaim, Receivable, claim_event
from services.renewal.domain.payment.transfer import is_payable, order_code
from services.renewal.domain.renewal import Renewal
from shared.storage.aggregate import Decision


def is_paid_before(old: Receivable) -> bool:
    """Whether money came for the replaced registration, or its office says so on the page. What was declared
    on its form alone is declared anew on the new form."""
    return old.paid > 0 or (old.open_claim and old.claims > 0)


def take_over_payment(
    state: Receivable, renewal: Renewal, old: Receivable, replaced: Renewal, now: datetime
) -> Decision[Receivable] | None:
    """The new registration's receivable says what the office said of the replaced one, with its payment
    orders. None where there is nothing to say, or it was said."""
    if old.renewal_id in state.earlier or not (is_paid_before(old) and is_payable(renewal)):
        return None
    claim = _claim(state, old, order_code(replaced.registration.number), now)
    taken = state.model_copy(
        update={
            "claim": claim,
            "claims": state.claims + 1,
            "claimed_since": state.claimed_since or old.claimed_since or now,
            "slips": (*old.slips, *state.slips),
            "earlier": (*old.earlier, old.renewal_id),
        }
    )
    events = () if state.open_claim else (claim_event(renewal, claim, now),)
    return Decision(taken, events)


def leave_payment(old: Receivable) -> Decision[Receivable] | None:
    """The replaced registration's claim waits no more: the new one's does. It stays, as all else. None where
    none waits."""
    if old.claimed_since is None:
        return None
    return Decision(old.model_copy(update={"claimed_since": None}))


def _claim(state: Receivable, old: Receivable, code: str, now: datetime) -> PaymentClaim:
    here = old.paid > 0 or bool(old.claim and old.claim.here)
    known = state.claim if state.open_claim else None
    before = old.claim if old.open_claim else None
    if known is None and before is not None:
        return before.model_copy(update={"memo": before.memo or code, "here": here})
    if known is not None:
        return known.model_copy(update={"memo": known.memo or code, "here": here})
    return PaymentClaim(paid_on=_received_on(old), memo=code, side="desk", claimed_at=now, here=here)


def _received_on(old: Receivable) -> date:
    return max(receipt.received_on for receipt in old.receipts if receipt.counts)
