"""A clerk's claim on a registration: other clerks see that somebody works on it, and get other work.

A claim saves two people from doing the same work. It doesn't prevent a decision; the version check does that.
"""

from datetime import datetime, timedelta
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.renewal import Renewal

CLAIM_TIME = timedelta(minutes=30)


class Claim(Frozen):
    """A claim, valid until `until`, and only while the registration keeps the status that it has had since
    `since`."""

    renewal_id: UUID
    by: str
    since: datetime
    until: datetime

    def is_in_force(self, since: datetime, now: datetime) -> bool:
        return self.since == since and now < self.until


def make_claim(renewal: Renewal, clerk: str, now: datetime) -> Claim:
    id = renewal.registration.renewal_id
    return Claim(renewal_id=id, by=clerk, since=renewal.waits_since, until=now + CLAIM_TIME)
