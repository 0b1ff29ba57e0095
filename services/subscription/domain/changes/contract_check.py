"""Checks a contract against its registration. A contract that differs is withheld: it extends nothing."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from services.subscription.domain.registration_facts import OrderedLicence, RegistrationFacts
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.renewal import Term
from shared.events.signing import ContractIssued
from shared.time.calendar import add_years, civil_date

_CLOCK_TOLERANCE = timedelta(minutes=5)


class ContractDoubt(StrEnum):
    REGISTRATION_UNKNOWN = "registration_unknown"
    REGISTRATION_CLOSED = "registration_closed"
    TERM_DIFFERS = "term_differs"
    ORDER_DIFFERS = "order_differs"


RESOLVED_BY_RENEWAL = frozenset({ContractDoubt.REGISTRATION_UNKNOWN, ContractDoubt.TERM_DIFFERS})
"""Doubts that may disappear once a pending event of the renewal service is read: the registration itself, or
a new revision of its form."""


def check_contract(state: Subscription, contract: ContractIssued, now: datetime) -> ContractDoubt | None:
    """Why the contract must be withheld, or None."""
    known = state.registrations.get(contract.renewal_id, RegistrationFacts())
    if not known.is_known:
        return ContractDoubt.REGISTRATION_UNKNOWN
    if known.closed:
        return ContractDoubt.REGISTRATION_CLOSED
    if known.ordered and not _grants_order(contract, known.ordered):
        return ContractDoubt.ORDER_DIFFERS
    today = civil_date(now + _CLOCK_TOLERANCE, state.zone)
    return None if _term_agrees(contract, known.term, today) else ContractDoubt.TERM_DIFFERS


def _grants_order(contract: ContractIssued, ordered: OrderedLicence) -> bool:
    storage = {contract.storage_gb, ordered.storage_gb} - {None}  # None: from a release without this field
    same = contract.model_dump(include=_ORDER) == ordered.model_dump(include=_ORDER)
    return same and len(storage) <= 1


_ORDER = {"package", "users", "total_vnd", "conditions", "full_grant"}


def _term_agrees(contract: ContractIssued, registered: Term | None, today: date) -> bool:
    """Whether the contract has the registered term.

    A term that runs from the contract's date may differ from the registered one, as that date requires.
    """
    dated = contract.contract_date
    if registered is None:
        return contract.term in (_from_expiry(contract.term), _from_contract(contract.term, dated))
    if contract.term == registered:
        return True
    moves = registered.basis_stage is Stage.TERMINATED and registered != _from_expiry(registered)
    in_time = registered.term_from <= dated <= today
    return moves and in_time and contract.term == _from_contract(registered, dated)


def _from_expiry(term: Term) -> Term:
    """The term by the rule that counts its years from the old last day of use."""
    basis = term.basis_expires_on
    return term.model_copy(
        update={"term_from": basis + timedelta(days=1), "term_to": add_years(basis, term.years)}
    )


def _from_contract(term: Term, dated: date) -> Term:
    """The term by the rule that counts its years from the contract's date, if service had ended."""
    if term.basis_stage is not Stage.TERMINATED:
        return _from_expiry(term)
    return term.model_copy(update={"term_from": dated, "term_to": add_years(dated, term.years)})
