"""How far this process has read other services' topics: whether what isn't known yet may still come."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from shared.events.base import Event
from shared.messaging.broker import Names
from shared.messaging.parked import Parked

IsRead = Callable[[str, bytes], Awaitable[bool]]


class TopicProgress:
    """The consumer begins it; until then, and where another process reads, nothing counts as read."""

    def __init__(self, names: Names, parked: Parked) -> None:
        self._names = names
        self._parked = parked
        self._is_read: IsRead | None = None

    def begin(self, is_read: IsRead) -> None:
        self._is_read = is_read

    async def is_past(self, event: type[Event], subscription_id: UUID) -> bool:
        """Whether every event of that type that was told of the subscription by now is settled here, and none
        of them is parked."""
        if self._is_read is None:
            return False
        subject, topic = str(subscription_id), self._names.topic(event.TYPE.split(".")[2])
        return await self._is_read(topic, subject.encode()) and not await self._parked.holds(event, subject)
