"""The queue of mail: how many notices wait, and when the last of them will be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.domain.notice import Wait
from services.notifier.notices.store import Notices

Waiting = Mapping[Wait, tuple[int, datetime]]


@dataclass(frozen=True, slots=True)
class MailQueue:
    """`rate`: mails a second that the relay takes, as the operator set it."""

    notices: Notices
    rate: float

    async def waiting(self) -> Waiting:
        """By what they wait for: how many notices are still to be sent, and when the oldest was recorded."""
        return await self.notices.count_waiting()

    def expected(self, waiting: Waiting) -> timedelta:
        """How long it takes to send those that wait for their turn. While the relay is at fault, the time
        begins when it is mended. The others wait for a time of their own, and don't count."""
        return timedelta(seconds=_ready(waiting) / self.rate)

    async def describe(self) -> str:
        """For the operator: the number, and the time in whole minutes."""
        waiting = await self.waiting()
        minutes = self.expected(waiting) // timedelta(minutes=1)
        return f"{_ready(waiting)} mails wait, about {minutes // 60} h {minutes % 60:02} min"


def _ready(waiting: Waiting) -> int:
    return sum(waiting[cause][0] for cause in (Wait.TURN, Wait.RELAY) if cause in waiting)
