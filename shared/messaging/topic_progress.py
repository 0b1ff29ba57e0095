"""How far this process has read other services' topics, to know whether a missing event may still come."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from shared.events.base import Event
from shared.messaging.broker import KafkaNames
from shared.messaging.parked import Parked

IsRead = Callable[[str, bytes], Awaitable[bool]]


class TopicProgress:
    """Nothing counts as read before `begin` is called, or on a partition that another process reads."""

    def __init__(self, names: KafkaNames, parked: Parked) -> None:
        self._names = names
        self._parked = parked
        self._is_read: IsRead | None = None

    def begin(self, is_read: IsRead) -> None:
        self._is_read = is_read

    async def is_past(self, event: type[Event], subscription_id: UUID) -> bool:
        """Whether this process has handled every event of that type published so far for the subscription,
        and none of them is parked."""
        if self._is_read is None:
            return False
        subject, topic = str(subscription_id), self._names.topic(event.TYPE.split(".")[2])
        return await self._is_read(topic, subject.encode()) and not await self._parked.holds(event, subject)
