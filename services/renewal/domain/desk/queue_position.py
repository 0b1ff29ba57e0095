"""Where a page of the desk's lists ends."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """A row's position in a list of the desk, the longest waiting first. The next page starts after
    it: `1764115200000.0b7c...`."""

    since: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.since - _EPOCH) // timedelta(milliseconds=1)}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "QueuePosition":
        """Raises ValueError where the text isn't a position."""
        since, _, id = text.partition(".")
        try:
            return cls(_EPOCH + timedelta(milliseconds=int(since)), UUID(id))
        except OverflowError:
            raise ValueError("no such time") from None
