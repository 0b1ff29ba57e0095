"""A clock for tests."""

from datetime import datetime


class FixedClock:
    """It stands still until `move_to` sets it."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def move_to(self, at: datetime) -> None:
        self._at = at
