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
    """All loops of a process that wait for work. `relay` is set for events only. `calling` wakes the loop
    that tells the service's other processes."""

    def __init__(self) -> None:
        self.relay = Wake()
        self.calling = Wake()
        self._loops = WeakSet[Wake]()
        self._calls: int | None = None
        self.heard_at = 0.0
        """When the calls of other processes were read last, on the event loop's clock."""

    def new(self) -> Wake:
        """The wake of one more loop, which keeps it."""
        self._loops.add(wake := Wake())
        return wake

    def set(self, *, events: bool) -> None:
        """This process saved something, with or without `events`: its loops look, and other processes are
        told."""
        self.calling.set()
        if events:
            self.relay.set()
        self._wake_loops()

    def look(self) -> None:
        """All loops of this process look for work."""
        self.relay.set()
        self._wake_loops()

    def hear(self, calls: int) -> None:
        """`calls` counts what processes of this service have told. The loops look if it has changed."""
        self.heard_at = asyncio.get_running_loop().time()
        if calls != self._calls:
            self._calls = calls
            self.look()

    def _wake_loops(self) -> None:
        for wake in self._loops:
            wake.set()
