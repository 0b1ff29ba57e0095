"""Prints progress of work that takes longer than a few seconds."""

import time

_EVERY_S = 5.0


class Progress:
    """Prints `what` of `total` every few seconds and once at the end."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._began = self._told = time.monotonic()

    def at(self, done: int) -> None:
        if time.monotonic() - self._told >= _EVERY_S:
            self._tell(done)

    def end(self, done: int) -> None:
        self._tell(done)

    def _tell(self, done: int) -> None:
        self._told = time.monotonic()
        taken = self._told - self._began
        print(f"    {self._what}: {done:,}/{self._total:,}, {taken:.0f} s", flush=True)
