from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.term import new_term, on_contract_date
from shared.events.base import Stage

DAYS = st.dates(date(2020, 1, 1), date(2050, 12, 31))
IN_TIME = st.sampled_from([stage for stage in Stage if stage is not Stage.TERMINATED])


@given(DAYS, IN_TIME, st.integers(1, 5), DAYS)
def test_term_in_time_follows_the_old_one_without_gap_or_overlap(
    expires_on: date, stage: Stage, years: int, contract_date: date
) -> None:
    term = new_term(expires_on, stage, years, contract_date)
    assert term.term_from == expires_on + timedelta(days=1)
    assert (term.term_to.year, term.term_to.month) == (expires_on.year + years, expires_on.month)
    assert on_contract_date(term, contract_date + timedelta(days=30)) == term


@given(DAYS, st.integers(1, 5), DAYS)
def test_term_after_termination_runs_from_the_contract(
    expires_on: date, years: int, contract_date: date
) -> None:
    term = new_term(expires_on, Stage.TERMINATED, years, contract_date)
    assert term.term_from == contract_date
    assert term.term_to.year == contract_date.year + years
    later = on_contract_date(term, contract_date + timedelta(days=1))
    assert later.term_from == contract_date + timedelta(days=1)
    assert (later.basis_expires_on, later.basis_stage) == (expires_on, Stage.TERMINATED)


@pytest.mark.parametrize("years", [1, 2, 3])
def test_years_added_to_29_february(years: int) -> None:
    assert new_term(date(2028, 2, 29), Stage.ACTIVE, years, date(2028, 1, 1)).term_to == date(
        2028 + years, 2, 28
    )


def test_four_years_added_to_29_february() -> None:
    assert new_term(date(2028, 2, 29), Stage.ACTIVE, 4, date(2028, 2, 29)).term_to == date(2032, 2, 29)
