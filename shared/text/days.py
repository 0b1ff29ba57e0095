"""Civil dates as people type them."""

import re
from contextlib import suppress
from datetime import date

from shared.text.characters import code

_SHAPES = (
    re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})", re.ASCII),
)


def read_day(typed: str) -> date | None:
    """Reads day, month, year or year, month, day, separated by `/`, `.` or any dash; None if it is no
    date."""
    day = code(typed)
    for shape in _SHAPES:
        if found := shape.fullmatch(day):
            with suppress(ValueError):  # no such date
                return date(**{part: int(digits) for part, digits in found.groupdict().items()})
    return None
