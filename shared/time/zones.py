"""Names of time zones."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator


@cache
def known_zones() -> frozenset[str]:
    """The known time zones, without those that depend on the machine."""
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


def _known(name: str) -> str:
    if name not in known_zones():
        raise ValueError("no time zone (IANA), as Asia/Ho_Chi_Minh")
    return name


ZoneName = Annotated[str, AfterValidator(_known)]
"""A name of the IANA's list."""
