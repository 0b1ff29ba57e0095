"""The heartbeat of a loop, which the readiness probe reads."""

import asyncio


class Heartbeat:
    def __init__(self, name: str, *, limit: float) -> None:
        """`limit`: seconds without a beat after which the loop counts as dead."""
        self.name = name
        self._limit = limit
        self._at: float | None = None
        self._failed = False
        self.detail = "not started"

    def beat(self, detail: str) -> None:
        self._failed = False
        self._at = asyncio.get_running_loop().time()
        self.detail = detail

    def fail(self, detail: str) -> None:
        """Report the loop as dead, with the reason, until its next beat."""
        self._failed = True
        self.detail = detail

    def age(self) -> float:
        """Seconds since the last beat; 0 before the first one."""
        return 0.0 if self._at is None else asyncio.get_running_loop().time() - self._at

    def alive(self) -> bool:
        if self._at is None or self._failed:
            return False
        return asyncio.get_running_loop().time() - self._at < self._limit
