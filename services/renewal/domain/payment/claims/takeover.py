"""A registration replaces another that the office has paid, or says to have paid: it must not be asked again.

The money stays where it was recorded, under the old order code. The desk moves it, with a reason.
"""

from datetime import datetime

from services.renewal.domain.payment.claims.claim import PaymentClaim
from services.renewal.domain.payment.receivable import Receivable, claim_event
from services.renewal.domain.payment.transfer import is_payable, order_code
from services.renewal.domain.renewal import Renewal
from shared.storage.aggregate import Decision


def is_paid_before(old: Receivable) -> bool:
    """Whether money came for the replaced registration, or its office says so on the page. What was declared
    on its form alone is declared anew on the new form."""
    return old.paid + old.here > 0 or (old.open_claim and old.claims > 0)


def asked_after(old: Receivable, total: int) -> int:
    """What the new registration asks for when it begins: nothing of what came, and nothing at all where the
    office says that it paid."""
    return 0 if old.open_claim and old.claims else max(total - old.paid - old.here, 0)


def take_over_payment(
    state: Receivable, renewal: Renewal, old: Receivable, replaced: Renewal, now: datetime
) -> Decision[Receivable] | None:
    """The new registration's receivable says what the office said of the replaced one, with its payment
    orders, and what came for it. None where there is nothing to say, or it was said."""
    if old.renewal_id in state.earlier or not (is_paid_before(old) and is_payable(renewal)):
        return None
    claim = _claim(state, old, order_code(replaced.registration.number))
    taken = state.model_copy(
        update={
            "claim": claim or state.claim,
            "claims": state.claims + (claim is not None),
            "claimed_since": state.claimed_since or old.claimed_since or now,
            "slips": (*old.slips, *state.slips),
            "earlier": (*state.earlier, *old.earlier, old.renewal_id),
            "here": state.here + old.paid + old.here,
        }
    )
    is_new = claim is not None and not state.open_claim
    return Decision(taken, (claim_event(renewal, claim, now),) if claim and is_new else ())


def leave_payment(old: Receivable) -> Decision[Receivable] | None:
    """The replaced registration's claim waits no more: the new one's does. It stays, as all else. None where
    none waits."""
    if old.claimed_since is None and not old.here:
        return None
    return Decision(old.model_copy(update={"claimed_since": None, "here": 0}))


def follow_earlier(state: Receivable, paid: int, now: datetime) -> Decision[Receivable] | None:
    """What counts as received for the replaced registrations is `paid` now: what was given back or moved is
    here no more. None where nothing differs."""
    return Decision(state.changed(now, here=paid)) if paid < state.here else None


def _claim(state: Receivable, old: Receivable, code: str) -> PaymentClaim | None:
    """What the office says, with the code with which it paid; None where it says nothing."""
    if not state.open_claim and not old.open_claim:
        return None
    claim = state.claim if state.open_claim else old.claim
    return claim and claim.model_copy(update={"memo": claim.memo or code})
