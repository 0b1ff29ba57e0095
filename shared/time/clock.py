"""Domain time. The clock is injected everywhere; no other code may read the time of the machine.

Stages, notices and signatures use this clock; leases, tokens and Kafka use real time.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        """Cut to the millisecond, as in the database."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class OffsetClock:
    """Real time plus an offset that the local stack sets (see deploy/local/clock/clock.py)."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._offset = timedelta(0)

    def now(self) -> datetime:
        return self._base.now() + self._offset

    def move(self, offset: timedelta) -> None:
        """Set a new offset. The clock never goes back: a smaller offset is ignored."""
        self._offset = max(self._offset, offset)
