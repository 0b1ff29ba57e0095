"""Civil dates in an office's zone, also where clocks skip midnight, repeat it, or skip a whole day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.time.calendar import add_years, civil_date, start_of_day

ZONES = [
    "Asia/Ho_Chi_Minh",
    "Asia/Beirut",
    "America/Santiago",
    "America/Havana",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "UTC",
]
A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("zone", "today"),
    [
        ("Asia/Ho_Chi_Minh", date(2027, 1, 1)),
        ("UTC", date(2026, 12, 31)),
        ("America/Santiago", date(2026, 12, 31)),
        ("Pacific/Kiritimati", date(2027, 1, 1)),
    ],
)
def test_today_at_2330_utc_is_the_local_date(zone: str, today: date) -> None:
    """Guards against: "today" computed in UTC."""
    assert civil_date(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), zone) == today


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("Asia/Ho_Chi_Minh", date(2026, 11, 25), datetime(2026, 11, 24, 17, tzinfo=UTC)),
        # Midnight is skipped: the day begins at 01:00.
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("America/Santiago", date(2026, 9, 6), datetime(2026, 9, 6, 4, tzinfo=UTC)),
        # Midnight comes twice: the day begins with the first.
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        # 23:00 to midnight comes twice the evening before: the day begins after the second.
        ("Asia/Beirut", date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        # Samoa skipped 30 December 2011: that day begins at the first instant after it.
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 31), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_the_first_instant_of_a_day(zone: str, day: date, instant: datetime) -> None:
    assert start_of_day(day, zone) == instant


@given(st.sampled_from(ZONES), st.dates(date(2012, 1, 1), date(2060, 12, 31)))
def test_a_day_begins_at_its_start_and_not_a_second_earlier(zone: str, day: date) -> None:
    start = start_of_day(day, zone)
    assert civil_date(start, zone) == day
    assert civil_date(start - A_SECOND, zone) == day - timedelta(days=1)


def test_a_year_added_to_29_february_is_28_february() -> None:
    assert add_years(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert add_years(date(2028, 2, 28), 1) == date(2029, 2, 28)
    assert add_years(date(2027, 12, 31), 1) == date(2028, 12, 31)


def test_years_counted_from_the_start_do_not_drift() -> None:
    """Guards against: terms computed each from the one before, which lose the 29th for ever."""
    assert add_years(date(2028, 2, 29), 4) == date(2032, 2, 29)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(0, 10))
def test_years_keep_month_and_day_except_the_leap_day(day: date, years: int) -> None:
    later = add_years(day, years)
    assert later.year == day.year + years
    assert (later.month, later.day) in {(day.month, day.day), (2, 28)}
