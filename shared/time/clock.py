"""Domain time. Injected everywhere; nothing else in the code may ask what time it is.

Leases, tokens and Kafka use real time; stages, notices and signatures use this clock.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        """Cut to the millisecond, which is what the database keeps."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class FixedClock:
    """Stands still until moved. For tests and previews."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def move_to(self, at: datetime) -> None:
        self._at = at


class OffsetClock:
    """Real time moved forward by an offset that the local stack sets (see deploy/local/clock/clock.py)."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._offset = timedelta(0)

    def now(self) -> datetime:
        return self._base.now() + self._offset

    def move(self, offset: timedelta) -> None:
        """Take a new offset. Never backwards: a smaller one is ignored."""
        self._offset = max(self._offset, offset)
