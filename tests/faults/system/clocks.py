"""The world's true time, and machine clocks that may be wrong."""

from datetime import datetime, timedelta

from shared.time.clock import Clock, SystemClock


class TrueClock:
    """The true domain time: it starts at `start`, runs with real time, and the test moves it."""

    def __init__(self, start: datetime) -> None:
        self._real = SystemClock()
        self._offset = start - self._real.now()

    def now(self) -> datetime:
        return self._real.now() + self._offset

    def move(self, by: timedelta) -> None:
        self._offset += by


class SkewedClock:
    """The time that one machine shows."""

    def __init__(self, base: Clock, by: timedelta = timedelta(0)) -> None:
        self._base = base
        self.by = by

    def now(self) -> datetime:
        return self._base.now() + self.by
