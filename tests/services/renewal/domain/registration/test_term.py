from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.registration.term import TermRule, new_term, on_contract_date
from shared.events.base import Stage

DAYS = st.dates(date(2020, 1, 1), date(2050, 12, 31))
IN_TIME = st.sampled_from([stage for stage in Stage if stage is not Stage.TERMINATED])
RULES = st.sampled_from(TermRule)


@given(DAYS, IN_TIME, st.integers(1, 5), DAYS, RULES)
def test_term_in_time_follows_the_old_one_without_gap_or_overlap(
    expires_on: date, stage: Stage, years: int, contract_date: date, rule: TermRule
) -> None:
    term = new_term(expires_on, stage, years, contract_date, rule)
    assert term.term_from == expires_on + timedelta(days=1)
    assert (term.term_to.year, term.term_to.month) == (expires_on.year + years, expires_on.month)
    assert on_contract_date(term, contract_date + timedelta(days=30), rule) == term


@given(DAYS, st.integers(1, 5), DAYS)
def test_term_after_termination_runs_from_the_contract(
    expires_on: date, years: int, contract_date: date
) -> None:
    term = new_term(expires_on, Stage.TERMINATED, years, contract_date, TermRule.CONTRACT_DATE)
    assert term.term_from == contract_date
    assert term.term_to.year == contract_date.year + years
    later = on_contract_date(term, contract_date + timedelta(days=1), TermRule.CONTRACT_DATE)
    assert later.term_from == contract_date + timedelta(days=1)
    assert (later.basis_expires_on, later.basis_stage) == (expires_on, Stage.TERMINATED)


@given(DAYS, st.integers(1, 5), DAYS, DAYS)
def test_term_of_a_product_that_counts_from_the_old_expiry_is_the_same_whenever_it_is_renewed(
    expires_on: date, years: int, contract_date: date, later: date
) -> None:
    term = new_term(expires_on, Stage.TERMINATED, years, contract_date, TermRule.OLD_EXPIRY)
    in_time = new_term(expires_on, Stage.ACTIVE, years, contract_date, TermRule.OLD_EXPIRY)
    assert (term.term_from, term.term_to) == (in_time.term_from, in_time.term_to)
    assert on_contract_date(term, later, TermRule.OLD_EXPIRY) == term


@pytest.mark.parametrize("rule", TermRule)
@pytest.mark.parametrize(
    ("years", "to"), [(1, (2029, 28)), (2, (2030, 28)), (3, (2031, 28)), (4, (2032, 29))]
)
def test_years_added_to_29_february(rule: TermRule, years: int, to: tuple[int, int]) -> None:
    day, in_march = date(2028, 2, 29), date(2028, 3, 1)
    term = new_term(day, Stage.ACTIVE, years, date(2028, 1, 1), rule)
    assert (term.term_from, term.term_to) == (in_march, date(to[0], 2, to[1]))


def test_contract_of_29_february_after_termination() -> None:
    day = date(2028, 2, 29)
    term = new_term(date(2027, 6, 30), Stage.TERMINATED, 1, day, TermRule.CONTRACT_DATE)
    assert (term.term_from, term.term_to) == (day, date(2029, 2, 28))
    assert on_contract_date(term, date(2028, 3, 1), TermRule.CONTRACT_DATE).term_to == date(2029, 3, 1)
