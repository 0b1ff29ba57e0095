"""A day off moves to the next working day; other days stay."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.working_days import is_working, next_working_day


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-12-31", "2026-12-31"),
        ("2027-01-01", "2027-01-04"),  # New Year's Day, a Friday
        ("2027-01-03", "2027-01-04"),  # a Sunday
        ("2026-11-24", "2026-11-25"),  # Vietnam Culture Day, a holiday from 2026
        ("2026-09-01", "2026-09-03"),
        ("2027-02-06", "2027-02-11"),  # Tết
        ("2026-04-26", "2026-04-28"),  # the Hùng kings' day, a Sunday: the Monday after it is off too
        ("2026-08-31", "2026-09-03"),  # off in exchange for the Saturday of the 22nd
        ("2026-08-22", "2026-08-22"),
        ("2025-04-26", "2025-04-26"),
        ("2026-08-23", "2026-08-24"),
        ("2028-02-29", "2028-02-29"),
    ],
)
def test_days_off(day: str, working: str) -> None:
    assert next_working_day(date.fromisoformat(day)) == date.fromisoformat(working)


@given(st.dates(date(2025, 7, 1), date(2035, 12, 31)))
def test_it_is_the_first_working_day_from_that_day_on(day: date) -> None:
    found = next_working_day(day)
    assert is_working(found)
    assert not any(is_working(day + timedelta(days=n)) for n in range((found - day).days))
