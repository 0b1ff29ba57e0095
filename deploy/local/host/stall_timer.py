"""How long to wait for something on a machine of which nobody knows how busy it is."""

import time
from collections.abc import Callable

STALLED_S = 120.0
_SAY_S = 10.0

Tell = Callable[[str], None]
"""Writes a piece of a line."""


def discard(said: str) -> None:
    """Nobody listens."""


class StallTimer:
    """Runs out only when nothing has moved for `seconds`. `tell` hears now and then what is waited for."""

    def __init__(self, seconds: float = STALLED_S, tell: Tell = discard) -> None:
        self._seconds = seconds
        self._tell = tell
        self._progress: object = None
        self._moved = self._said = time.monotonic()

    def is_over(self, progress: object = None, waits_for: str = "") -> bool:
        """`progress`: any value that is another one whenever something has moved."""
        now = time.monotonic()
        if progress != self._progress:
            self._progress, self._moved = progress, now
        if waits_for and now - self._said > _SAY_S:
            self._said = now
            self._tell(f"\n    … chờ / waiting for {waits_for} ")
        return now - self._moved > self._seconds
