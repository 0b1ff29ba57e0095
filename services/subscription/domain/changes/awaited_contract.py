"""Access while a contract is awaited: by a commitment to pay, a payment, or a contract that waits for the
office's signature.

A commitment alone gives nothing: its form must be here, signed, stamped or shown as a copy. Of a term, the
first commitment and its extension set the last day; only the desk gives a later registration more. After a
commitment was broken, the same term gets access only by a payment in full, or by a decision of the desk after
it: an extension, or a commitment that it accepts. What runs already isn't cut.
"""

from datetime import date, datetime
from uuid import UUID

from services.subscription.domain.facts import LONGEST_FOR_A_FORM
from services.subscription.domain.registration_facts import RegistrationFacts
from services.subscription.domain.subscription import Subscription
from shared.time.calendar import civil_date


def bridge_while_awaited(state: Subscription, today: date) -> Subscription:
    """Give each registration's access while its contract is awaited, where it lasts longer than the
    present one."""
    for id in state.registrations:
        until = waits_until(state, id, today)
        if until and until >= today and until > state.last_day:
            state = state.with_(temporary_until=until, temporary_for=id)
    return state


def waits_until(state: Subscription, renewal_id: UUID, today: date) -> date | None:
    """The last day of access while the registration's contract is awaited. None: it gives none."""
    known = state.registrations.get(renewal_id, RegistrationFacts())
    if known.closed:
        return None
    days = [_sign_by(state, known, today)]
    if known.is_known:
        days += [_committed_until(state, known), known.paid_until]
    return max((day for day in days if day), default=None)


def gave_without_form(state: Subscription) -> bool:
    """Whether a registration that isn't closed has, or had, a payment or a commitment, which may give access
    beside the days of a form; or a void contract's week of notices was given."""
    return any(
        known.contract_void or (not known.closed and (known.payment_sequence or known.committed_until))
        for known in state.registrations.values()
    )


def was_broken_before(state: Subscription, at: datetime) -> bool:
    """Whether a commitment of this term was broken before the instant `at`."""
    return any(
        known.broken_at and known.broken_at < at and _in_term(state, known.broken_at)
        for known in state.registrations.values()
    )


def _sign_by(state: Subscription, known: RegistrationFacts, today: date) -> date | None:
    """The last day on which the office may sign the contract, at most ninety days after the event. The signed
    or stamped form must have arrived, as far as this service knows."""
    here = known.signed or known.paper_revision
    if known.sign_by is None or known.accepted_at is None or not here:
        return None
    if was_broken_before(state, known.accepted_at):
        return None
    asked_on = min(civil_date(known.accepted_at, state.zone), today)
    return min(known.sign_by, asked_on + LONGEST_FOR_A_FORM)


def _committed_until(state: Subscription, known: RegistrationFacts) -> date | None:
    here = known.signed or known.paper_revision is not None or known.is_copy_shown
    until, at = known.committed_until, known.committed_at
    if until is None or at is None or not here or not _in_term(state, at):
        return None
    if _is_broken_since(state, known, at):
        return None
    if known.committed_by == "desk":
        return until
    return min(until, _first_committed_until(state) or until)


def _is_broken_since(state: Subscription, known: RegistrationFacts, at: datetime) -> bool:
    """Whether the commitment that counts from the instant `at` was broken later. After another of the term
    was broken, only one counts that the desk accepted then."""
    if known.broken_sequence > known.commitment_sequence:
        return True
    others = [other.broken_at for other in state.registrations.values() if other is not known]
    broken = [broken_at for broken_at in others if broken_at and _in_term(state, broken_at)]
    return bool(broken) and (known.committed_by == "rule" or at <= max(broken))


def _first_committed_until(state: Subscription) -> date | None:
    """The last day of the term's first commitment, with its extension."""
    begun = [
        (known.committed_at, known.committed_until)
        for known in state.registrations.values()
        if known.committed_at and known.committed_until and _in_term(state, known.committed_at)
    ]
    return min(begun)[1] if begun else None


def _in_term(state: Subscription, at: datetime) -> bool:
    return state.renewed_at is None or at > state.renewed_at
