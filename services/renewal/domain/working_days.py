"""Working days of Vietnamese public bodies: not Saturdays, Sundays or public holidays, but Saturdays that a
decree makes working days in exchange for another day.

`holidays` knows the public holidays and the days swapped by decree in years past; next year's swaps are
only known once decreed.
"""

from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

_SATURDAY = 5


def is_working(day: date) -> bool:
    days_off, made_up = _of_year(day.year)
    return day in made_up or (day.weekday() < _SATURDAY and day not in days_off)


def next_working_day(day: date) -> date:
    """`day`, or the first working day after it: a period that ends on a day off ends then (BLDS 148)."""
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
    """How many working days lie after `start`, up to and including `end`."""
    return sum(is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


@lru_cache(maxsize=16)
def _of_year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    known = country_holidays("VN", years=year)
    return frozenset(known), frozenset(known.weekend_workdays)
