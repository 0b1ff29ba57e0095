"""Working days of Vietnamese public bodies: every day but Saturdays, Sundays and public holidays, plus the
weekend days that a decree makes working days in exchange for another day.

The library `holidays` knows the public holidays and the exchanged days of past years. It learns next year's
exchanges only after they are decreed.
"""

from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

_SATURDAY = 5


def is_working(day: date) -> bool:
    days_off, made_up = _of_year(day.year)
    return day in made_up or (day.weekday() < _SATURDAY and day not in days_off)


def next_working_day(day: date) -> date:
    """`day`, or the first working day after it: a period whose last day is a day off ends on the next working
    day (Civil Code, BLDS 148)."""
    while not is_working(day):
        day += timedelta(days=1)
    return day


def working_day_after(day: date, count: int) -> date:
    """The `count`-th working day after `day`."""
    while count:
        day += timedelta(days=1)
        count -= is_working(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """The number of working days after `start`, up to and including `end`."""
    return sum(is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


@lru_cache(maxsize=16)
def _of_year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    known = country_holidays("VN", years=year)
    return frozenset(known), frozenset(known.weekend_workdays)
