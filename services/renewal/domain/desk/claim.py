"""A clerk's claim on a registration: others see that somebody is at it, and are given other work.

It keeps nobody from deciding, which versions do: it saves two people the same work.
"""

from datetime import datetime, timedelta
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.renewal import Renewal

LASTS = timedelta(minutes=30)


class Claim(Frozen):
    """Holds until `until`, and only while the registration stands where it came to stand at `since`."""

    renewal_id: UUID
    by: str
    since: datetime
    until: datetime

    def holds(self, since: datetime, now: datetime) -> bool:
        return self.since == since and now < self.until


def claimed(renewal: Renewal, clerk: str, now: datetime) -> Claim:
    id = renewal.registration.renewal_id
    return Claim(renewal_id=id, by=clerk, since=renewal.waits_since, until=now + LASTS)
