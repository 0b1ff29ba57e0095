"""The world's true time, and clocks of machines that may be wrong."""

from datetime import datetime, timedelta

from shared.time.clock import Clock, SystemClock


class TrueClock:
    """Domain time as it really is: begins at `start`, goes on with real time, and is moved by the driver."""

    def __init__(self, start: datetime) -> None:
        self._real = SystemClock()
        self._offset = start - self._real.now()

    def now(self) -> datetime:
        return self._real.now() + self._offset

    def move(self, by: timedelta) -> None:
        self._offset += by


class SkewedClock:
    """What one machine takes for the time."""

    def __init__(self, base: Clock, by: timedelta = timedelta(0)) -> None:
        self._base = base
        self.by = by

    def now(self) -> datetime:
        return self._base.now() + self.by
