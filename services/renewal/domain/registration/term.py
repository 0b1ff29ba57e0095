"""The new term of use: its first and last day, and the dates that it is computed from."""

from datetime import date, timedelta
from enum import StrEnum

from shared.events.base import Stage
from shared.events.renewal import Term
from shared.time.calendar import add_years


class TermRule(StrEnum):
    """From when the years count if the office renews after the service ended. Each product has its rule."""

    CONTRACT_DATE = "contract_date"
    OLD_EXPIRY = "old_expiry"


def new_term(expires_on: date, stage: Stage, years: int, contract_date: date, rule: TermRule) -> Term:
    """The term of a renewal made in `stage`. All dates are civil dates in the office's zone.

    A renewal in time, or while access is locked, adds its years to the old expiry, so nobody gains by being
    late. A renewal after termination adds them to the date that `rule` names.
    """
    from_contract = stage is Stage.TERMINATED and rule is TermRule.CONTRACT_DATE
    return Term(
        basis_expires_on=expires_on,
        basis_stage=stage,
        term_from=contract_date if from_contract else expires_on + timedelta(days=1),
        term_to=add_years(contract_date if from_contract else expires_on, years),
        years=years,
    )


def on_contract_date(term: Term, contract_date: date, rule: TermRule) -> Term:
    """The term as the contract states it. It differs from `term` only if it runs from the contract's date."""
    return new_term(term.basis_expires_on, term.basis_stage, term.years, contract_date, rule)
