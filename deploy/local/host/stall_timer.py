"""Timeouts that count only the time without progress, because nobody knows how busy the machine is."""

import time
from collections.abc import Callable

from deploy.local.texts import line

STALLED_S = 120.0
_SAY_S = 10.0

Tell = Callable[[str], None]
"""Prints part of a line."""


def discard(said: str) -> None:
    """Drop the text."""


class StallTimer:
    """Runs out only if nothing has changed for `seconds`. Every few seconds `tell` gets
    what is waited for."""

    def __init__(self, seconds: float = STALLED_S, tell: Tell = discard) -> None:
        self._seconds = seconds
        self._tell = tell
        self._progress: object = None
        self._moved = self._said = time.monotonic()

    def is_over(self, progress: object = None, waits_for: str = "") -> bool:
        """Whether time has run out. `progress` is any value that changes whenever something has moved."""
        now = time.monotonic()
        if progress != self._progress:
            self._progress, self._moved = progress, now
        if waits_for and now - self._said > _SAY_S:
            self._said = now
            self._tell(f"\n    … {line('open.waiting')} {waits_for} ")
        return now - self._moved > self._seconds
