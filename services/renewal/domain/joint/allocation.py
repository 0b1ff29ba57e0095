"""A clerk allocates a part payment to the products of a joint registration."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.renewal.domain.flow import VALID
from services.renewal.domain.joint.shares import ProductShare, shares_of, tell_each
from services.renewal.domain.payment.receivable import Receivable, receipt_fields
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal, event_fields
from shared.events.payment import PaymentRecorded
from shared.storage.aggregate import Decision


def allocate(
    state: Receivable, renewal: Renewal, amounts: Mapping[UUID, int], now: datetime
) -> Decision[Receivable] | None:
    """The products that `amounts` pay for, by their registrations, in place of an earlier allocation.

    Each product whose share changes is told of it, by the newest receipt. None where nothing changes. Raises
    RenewalError where it is no joint registration or a closed one, all is paid, or the amounts are more than
    came or than a product costs.
    """
    registration = renewal.registration
    costs = {each.renewal_id: each.order.total for each in registration.on_form}
    receipt = next((each for each in reversed(state.receipts) if each.counts), None)
    if not registration.joined or receipt is None or renewal.status not in VALID:
        raise RenewalError("nothing-to-allocate")
    if state.paid >= state.amount:
        raise RenewalError("paid-already")
    true = all(0 <= amount <= costs.get(id, -1) for id, amount in amounts.items())
    if not true or sum(amounts.values()) > state.paid:
        raise RenewalError("allocation-untrue")
    allocated = tuple(ProductShare(renewal_id=id, amount=amounts.get(id, 0)) for id in costs)
    before = shares_of(registration, state.paid, state.allocated)
    after = shares_of(registration, state.paid, allocated)
    if before == after:
        return None
    after_it = state.model_copy(update={"allocated": allocated, "unsettled_since": now})
    changed = after_it.waiting_for_shares(renewal, now)
    fields = event_fields(registration, now) | receipt_fields(changed, receipt)
    event = PaymentRecorded(**fields, received_on=receipt.received_on)
    told = tell_each(event, registration, changed.paid, allocated)
    return Decision(
        changed, tuple(each for each in told if before[each.renewal_id] != after[each.renewal_id])
    )
