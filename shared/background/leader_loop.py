"""Work done step by step, by one process at a time, for as long as it may."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.resilience.errors import Conflict
from shared.resilience.retry import suppress_transient

CheckLeadership = Callable[[], Awaitable[None]]
"""Called in the middle of a long step: shows that it goes on, and raises Conflict when it must not."""


@dataclass(frozen=True, slots=True)
class LeaderLoop:
    """It is our turn while `lease` is ours and `may` holds (the clocks agree)."""

    name: str
    lease: Lease
    may: Callable[[], bool]
    pause_seconds: float

    async def take(self, step: Callable[[CheckLeadership], Awaitable[object]], pulse: Heartbeat) -> None:
        """Do one `step` after the other, for ever; pause when one says that there was nothing to do.

        A fault that may pass costs the step, which is done again after the pause.
        """

        async def alive() -> None:
            pulse.beat("works")
            if not await self._ours():
                raise Conflict(f"{self.name}: another's turn, or the clocks disagree")

        while True:
            busy: object = False
            with suppress_transient(f"{self.name}.fault"):
                leads = await self._ours()
                pulse.beat("leads" if leads else "standby")
                if leads:
                    busy = await step(alive)
            await asyncio.sleep(0 if busy else self.pause_seconds)

    async def _ours(self) -> bool:
        """Who may not work leaves the turn to those who may. Asked again once the lease is held: taking it
        can last, and a clock be set meanwhile."""
        if self.may():
            return await self.lease.hold() and self.may()
        if self.lease.taken:
            await self.lease.release()
        return False
