"""A contract in force that the vendor voids: the subscription goes back to the term before it.

No access goes overnight: an office with full access keeps it for a week of notices, as after a payment that
was given back, and the stages are counted from there. Where access was taken before, nothing moves closer.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.subscription.domain.changes.awaited_contract import bridge_while_awaited
from services.subscription.domain.changes.temporary_access import WEEK_OF_NOTICES, end_payment_access
from services.subscription.domain.event_factory import EventFactory
from services.subscription.domain.facts import ContractTerms, DateTrust
from services.subscription.domain.registration_facts import RegistrationFacts
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import FULL_ACCESS, SEVERITY, Policies
from services.subscription.domain.stages.progress import Decided, catch_up, finalise, recompute
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.time.calendar import civil_date


def void_contract(
    state: Subscription, renewal_id: UUID, told_at: datetime, now: datetime, policies: Policies
) -> Decided | None:
    """Take the contract's term back. It counts by what this service knows of the contract: a term that a
    later contract or a named person has set since stays. None if the contract is void already.

    A contract that isn't read yet will give nothing: its registration is closed.
    """
    if renewal_id in state.void_contracts:
        return None
    void = state.with_(void_contracts=(*state.void_contracts, renewal_id))
    today = civil_date(now, state.zone)
    before, passed = catch_up(void, today, now, policies)
    take_back = _taken_back if renewal_id in state.renewals else _closed
    changed = take_back(before, renewal_id, told_at, before.told_on, policies)
    after, moved = recompute(before, changed, now, policies)
    factory = EventFactory(StageContext.of(after, policies), after.told_on, now, now)
    events = (*passed, factory.recorded(), *moved)
    if after.stage is Stage.EXPIRING and before.stage is Stage.EXPIRING and after.last_day != before.last_day:
        events = (*events, factory.expiring(before.stage))
    return finalise(after, events, now, policies)


def _closed(
    state: Subscription, id: UUID, told_at: datetime, today: date, policies: Policies
) -> Subscription:
    """The state without the registration, whose contract gave no term: it waited for its payment, or isn't
    read yet. Its form, commitment and payment gave access; the office has a week of notices of its end."""
    known = state.registrations.get(id, RegistrationFacts(told_at=told_at))
    closed = known.model_copy(update={"closed": True, "contract_void": True})
    rest = state.with_(
        registrations={**state.registrations, id: closed},
        open_registrations=tuple(other for other in state.open_registrations if other != id),
    )
    return _with_week(state, end_payment_access(rest, id, today), id, today, policies)


def _taken_back(
    state: Subscription, id: UUID, told_at: datetime, today: date, policies: Policies
) -> Subscription:
    """The state without the contract. `today`: the day up to which the state has caught up."""
    disputed = next((terms for terms in state.disputed if terms.renewal_id == id), None)
    present = state.contract if state.contract and state.contract.renewal_id == id else None
    rest = state.with_(disputed=tuple(terms for terms in state.disputed if terms != disputed))
    if present:
        rest = _before_void_contracts(rest, disputed or present, told_at)
    elif disputed is None:
        return rest
    stood = min(state.stage, Stage.EXPIRING, key=SEVERITY.__getitem__)
    trust = DateTrust(set_on=today, named=True, before=stood)
    changed = rest.with_(**_marks(rest, id, told_at, present), trust=trust)
    return _with_week(state, changed, id, today, policies)


def _before_void_contracts(state: Subscription, terms: ContractTerms, told_at: datetime) -> Subscription:
    """The term before the contract, and before those that were void before it."""
    state = _before_contract(state, terms)
    while (gone := state.contract) and gone.renewal_id in state.void_contracts:
        state = _before_contract(state, gone)
        state = state.with_(**_marks(state, gone.renewal_id, told_at, gone))
    return state


def _before_contract(state: Subscription, terms: ContractTerms) -> Subscription:
    """The term before the contract, with the contract of that term. What was stated since about the term, the
    package, the users or the office stays."""
    licence, earlier = state.licence, terms.earlier
    changes: dict[str, Any] = {}
    if terms.stated:
        changes["expires_on"] = terms.stated
    elif licence.expires_on == terms.term_to:
        changes["expires_on"] = terms.basis_expires_on
    if earlier:
        was, granted = earlier.model_dump(include={"package", "users", "policy"}), terms.model_dump()
        kept = [name for name in ("package", "users") if getattr(licence, name) == granted[name]]
        changes |= {name: was[name] for name in (*kept, "policy")}
        declared = terms.declared.items()
        changes |= {
            name: earlier.office[name]
            for name, value in declared
            if name in earlier.office and getattr(licence, name) == value
        }
    without = state.with_(licence=licence.model_copy(update=changes), contract=None, release=None, hold=None)
    if earlier is None:
        return without
    storage = earlier.storage_gb if state.storage_gb == terms.storage_gb else state.storage_gb
    return without.with_(
        contract=earlier.contract,
        storage_gb=storage,
        renewed_at=earlier.since,
        signed_days=earlier.signed_days,
        copy_days=earlier.copy_days,
    )


def _marks(state: Subscription, id: UUID, told_at: datetime, terms: ContractTerms | None) -> dict[str, Any]:
    """The closed registration. A commitment that it broke counts in the term before, too."""
    broken_at = terms.earlier.broken_at if terms and terms.earlier else None
    known = RegistrationFacts(told_at=told_at, closed=True, contract_void=True, broken_at=broken_at)
    return {"registrations": {**state.registrations, id: known}}


def _with_week(
    before: Subscription, changed: Subscription, id: UUID, today: date, policies: Policies
) -> Subscription:
    """With a week of notices where the office has full access now; else counted from the same day as
    before."""
    is_full = policies[before.policy].row(before.stage).access == FULL_ACCESS
    until = today + WEEK_OF_NOTICES if is_full else before.last_day
    changed = bridge_while_awaited(changed, today)
    if until <= changed.last_day:
        return changed
    return changed.with_(temporary_until=until, temporary_for=id)
