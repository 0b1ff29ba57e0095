"""Civil dates in an office's zone."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def civil_date(at: datetime, zone: str) -> date:
    """The local date in `zone` at the instant `at`."""
    return at.astimezone(_zone(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant (UTC) of `day` in `zone`.

    If the clocks skip midnight, `time.min` with fold 0 resolves to the first instant that exists; if midnight
    comes twice, fold 0 is the earlier one.
    """
    return datetime.combine(day, time.min, tzinfo=_zone(zone)).astimezone(UTC)


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February in a year without it."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
