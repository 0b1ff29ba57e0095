"""The new term of use: from when to when, and what it was computed from."""

from datetime import date, timedelta
from enum import StrEnum

from shared.events.base import Stage
from shared.events.renewal import Term
from shared.time.calendar import add_years


class TermRule(StrEnum):
    """From when the years count that are bought after the service ended; a product's own."""

    CONTRACT_DATE = "contract_date"
    OLD_EXPIRY = "old_expiry"


def new_term(expires_on: date, stage: Stage, years: int, contract_date: date, rule: TermRule) -> Term:
    """The term that a renewal made at `stage` gives. All dates are civil dates in the office's zone.

    Renewed in time or while locked, the years are added to the old expiry: nobody gains by being
    late. Renewed after termination, they are added to what `rule` says.
    """
    anew = stage is Stage.TERMINATED and rule is TermRule.CONTRACT_DATE
    return Term(
        basis_expires_on=expires_on,
        basis_stage=stage,
        term_from=contract_date if anew else expires_on + timedelta(days=1),
        term_to=add_years(contract_date if anew else expires_on, years),
        years=years,
    )


def on_contract_date(term: Term, contract_date: date, rule: TermRule) -> Term:
    """The term as the contract states it: only one that runs from the contract's date can differ."""
    return new_term(term.basis_expires_on, term.basis_stage, term.years, contract_date, rule)
