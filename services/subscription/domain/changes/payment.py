"""What an office's commitment to pay, or its payment, gives while its contract is awaited: access.

A contract in force gives access by its own term, whatever is paid then; one that gives full use at the
payment does so once all is paid. Events of one aggregate are
ordered by their `sequence`: no clock decides, and an older one that is read later changes nothing.
"""

from datetime import date, datetime, timedelta

from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.registration import update_facts
from services.subscription.domain.changes.temporary_access import end_payment_access
from services.subscription.domain.registration_facts import RegistrationFacts
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from shared.events.commitment import CommitmentAccepted, CommitmentBroken, CommitmentExtended
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.time.calendar import civil_date

_LONGEST_FOR_A_COMMITMENT = timedelta(days=120)
"""How long an accepted commitment gives access from the day of its event, and how much more an extension
gives: ninety days, to the working day after, and the days until a transfer is seen."""
_PAID_ACCESS = timedelta(days=365)
"""How long a payment in full gives access: the vendor owes the contract."""


def record_commitment(
    state: Subscription,
    event: CommitmentAccepted | CommitmentExtended,
    sequence: int,
    now: datetime,
    policies: Policies,
) -> Decided | None:
    """The vendor accepted or extended the commitment. Of several the latest event counts."""
    known = state.registrations.get(event.renewal_id, RegistrationFacts())
    if sequence <= known.commitment_sequence:
        return None
    base, by = _day_of(event.occurred_at, state, now), "desk"
    if isinstance(event, CommitmentAccepted):
        by = event.decided_by
    else:
        base = max(known.committed_until or base, base)
    changes = {
        "pay_by": event.pay_by,
        "committed_until": min(event.access_until, base + _LONGEST_FOR_A_COMMITMENT),
        "committed_at": event.occurred_at,
        "committed_by": by,
        "commitment_sequence": sequence,
    }
    return update_facts(state, event.renewal_id, known.model_copy(update=changes), now, policies)


def record_default(
    state: Subscription, event: CommitmentBroken, sequence: int, now: datetime, policies: Policies
) -> Decided | None:
    """The office didn't pay in time. What runs isn't cut: it ends by itself."""
    known = state.registrations.get(event.renewal_id, RegistrationFacts())
    if sequence <= known.broken_sequence:
        return None
    broken = known.model_copy(update={"broken_at": event.occurred_at, "broken_sequence": sequence})
    return update_facts(state, event.renewal_id, broken, now, policies)


def record_payment(
    state: Subscription,
    event: PaymentRecorded | PaymentReversed,
    sequence: int,
    now: datetime,
    policies: Policies,
) -> Decided | None:
    """A payment in full gives access, also without a commitment or after a broken one, from the day on which
    all was paid. What is given back, or was recorded in error, gives none. Of several the latest event
    counts."""
    id = event.renewal_id
    known = state.registrations.get(id, RegistrationFacts())
    if sequence <= known.payment_sequence:
        return None
    until = None
    if 0 < event.total_vnd <= event.paid_vnd:
        until = known.paid_until or _day_of(event.occurred_at, state, now) + _PAID_ACCESS
    paid = known.model_copy(update={"paid_until": until, "payment_sequence": sequence})
    ends = known.paid_until is not None and until is None
    today = max(civil_date(now, state.zone), state.told_on)
    return update_facts(
        state,
        id,
        paid,
        now,
        policies,
        lambda before: end_payment_access(before, id, today) if ends else before,
    )


def pay_contract(
    state: Subscription,
    event: PaymentRecorded | PaymentReversed,
    sequence: int,
    application: ContractApplication,
) -> Decided | None:
    """A payment in full of a contract in force that waited for it. None where it isn't that."""
    known = state.registrations.get(event.renewal_id, RegistrationFacts())
    is_full = 0 < event.total_vnd <= event.paid_vnd
    if not known.is_unpaid or not is_full or sequence <= known.payment_sequence:
        return None
    return application.grant_at_payment(state, event.renewal_id)


def is_ordered(state: Subscription, event: PaymentRecorded | PaymentReversed) -> bool:
    """Whether the registration orders for the sum that the event states. In documents of earlier releases the
    order is unknown, and no payment gives anything."""
    ordered = state.registrations.get(event.renewal_id, RegistrationFacts()).ordered
    return ordered is not None and ordered.total_vnd == event.total_vnd


def _day_of(at: datetime, state: Subscription, now: datetime) -> date:
    """The day of an event. A clock elsewhere may run ahead: it is today at the latest."""
    return min(civil_date(at, state.zone), max(civil_date(now, state.zone), state.told_on))
