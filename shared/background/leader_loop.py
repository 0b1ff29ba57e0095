"""Background work in steps, done by one process at a time: the leader, who holds the lease."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.resilience.errors import Conflict
from shared.resilience.retry import suppress_transient

CheckLeadership = Callable[[], Awaitable[None]]
"""For the middle of a long step: beats the heartbeat, and raises Conflict if the process leads no longer."""


@dataclass(frozen=True, slots=True)
class LeaderLoop:
    """This process leads while it holds `lease` and `is_allowed` returns True (the clocks agree)."""

    name: str
    lease: Lease
    is_allowed: Callable[[], bool]
    pause_seconds: float

    async def run(self, step: Callable[[CheckLeadership], Awaitable[object]], heartbeat: Heartbeat) -> None:
        """Do one `step` after the other for ever, and pause after a step that returns something falsy.

        After a transient error it pauses, then does the step again. Any other error ends the loop.
        """

        async def check_leadership() -> None:
            heartbeat.beat("works")
            if not await self._leads():
                raise Conflict(f"{self.name}: another process leads, or the clocks disagree")

        while True:
            busy: object = False
            with suppress_transient(f"{self.name}.fault"):
                leads = await self._leads()
                heartbeat.beat("leads" if leads else "standby")
                if leads:
                    busy = await step(check_leadership)
            await asyncio.sleep(0 if busy else self.pause_seconds)

    async def _leads(self) -> bool:
        """A process that is not allowed to work gives the lease back, for one that is.

        `is_allowed` is checked again after the lease is held: taking it can last, and somebody can set the
        clock meanwhile.
        """
        if self.is_allowed():
            return await self.lease.hold() and self.is_allowed()
        if self.lease.is_held:
            await self.lease.release()
        return False
