"""What an office's commitment to pay, or its payment, gives while its contract is awaited: access.

The contract in force gives access by its own term, whatever is paid then.
"""

from datetime import datetime

from services.subscription.domain.changes.registration import update_facts
from services.subscription.domain.changes.temporary_access import end_payment_access
from services.subscription.domain.facts import (
    LONGEST_FOR_A_COMMITMENT,
    LONGEST_FOR_A_FORM,
)
from services.subscription.domain.registration_facts import RegistrationFacts
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from shared.events.commitment import CommitmentAccepted, CommitmentExtended
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.time.calendar import civil_date


def record_commitment(
    state: Subscription, event: CommitmentAccepted | CommitmentExtended, now: datetime, policies: Policies
) -> Decided | None:
    """The vendor accepted or extended the commitment. Of several the latest event counts."""
    known = state.registrations.get(event.renewal_id, RegistrationFacts())
    if known.committed_at and event.occurred_at <= known.committed_at:
        return None
    until = min(event.access_until, civil_date(event.occurred_at, state.zone) + LONGEST_FOR_A_COMMITMENT)
    changes = {"committed_until": until, "committed_at": event.occurred_at}
    return update_facts(state, event.renewal_id, known.model_copy(update=changes), now, policies)


def record_payment(
    state: Subscription, event: PaymentRecorded | PaymentReversed, now: datetime, policies: Policies
) -> Decided | None:
    """A payment in full gives access, also without a commitment or after a broken one. What is given back, or
    was recorded in error, gives none. Of several the latest event counts."""
    id = event.renewal_id
    known = state.registrations.get(id, RegistrationFacts())
    if known.paid_at and event.occurred_at <= known.paid_at:
        return None
    today = max(civil_date(now, state.zone), state.told_on)
    in_full = 0 < event.total_vnd <= event.paid_vnd
    until = max(known.paid_until or today, today + LONGEST_FOR_A_FORM) if in_full else None
    paid = known.model_copy(update={"paid_until": until, "paid_at": event.occurred_at})
    ends = known.paid_until is not None and until is None
    return update_facts(
        state,
        id,
        paid,
        now,
        policies,
        lambda before: end_payment_access(before, id, today) if ends else before,
    )


def is_ordered(state: Subscription, event: PaymentRecorded | PaymentReversed) -> bool:
    """Whether the registration orders for the sum that the event states. In documents of earlier releases the
    order is unknown, and no payment gives anything."""
    ordered = state.registrations.get(event.renewal_id, RegistrationFacts()).ordered
    return ordered is not None and ordered.total_vnd == event.total_vnd
