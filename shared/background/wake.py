"""Wakes the loops of a process when there may be work for them. They also look by themselves, less often."""

import asyncio
from weakref import WeakSet


class Wake:
    """One loop waits for it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    async def wait(self, seconds: float | None = None) -> None:
        """Return when set, at the latest after `seconds`. Whoever waits looks for work afterwards."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()


class Wakes:
    """All loops of a process that wait for work. `calling` is for the loop that tells other processes."""

    def __init__(self) -> None:
        self.calling = Wake()
        self._loops = WeakSet[Wake]()
        self._calls: int | None = None

    def new(self) -> Wake:
        """The wake of one more loop, which keeps it."""
        self._loops.add(wake := Wake())
        return wake

    def set(self) -> None:
        """This process saved something: its loops look, and other processes are told."""
        self.calling.set()
        self.look()

    def look(self) -> None:
        """The loops of this process look for work."""
        for wake in self._loops:
            wake.set()

    def hear(self, calls: int) -> None:
        """`calls` counts what processes of this service have told. The loops look if it has changed."""
        if self._calls not in (None, calls):
            self.look()
        self._calls = calls
