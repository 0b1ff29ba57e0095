"""Background work in steps, which only the leader does: the process that holds the lease."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.resilience.errors import Conflict
from shared.resilience.retry import suppress_transient

CheckLeadership = Callable[[], Awaitable[None]]
"""For the middle of a long step: beats the heartbeat, and raises Conflict if this process no longer leads."""


@dataclass(frozen=True, slots=True)
class LeaderLoop:
    """This process leads while it holds `lease` and `is_allowed` returns True (the clocks agree, there
    is work today).

    It pauses `pause_seconds` after a step without work, and `standby_seconds` while another process leads.
    """

    name: str
    lease: Lease
    is_allowed: Callable[[], bool]
    pause_seconds: float
    standby_seconds: float | None = None  # None: the same

    async def run(self, step: Callable[[CheckLeadership], Awaitable[object]], heartbeat: Heartbeat) -> None:
        """Do one `step` after the other for ever, and pause after each step that returns a falsy value.

        After a transient error it pauses as in standby, and does the step again. Any other error ends the
        loop.
        """

        async def check_leadership() -> None:
            heartbeat.beat("works")
            if not await self._leads():
                raise Conflict(f"{self.name}: another process leads, or the clocks disagree")

        while True:
            pause = self.pause_seconds if self.standby_seconds is None else self.standby_seconds
            with suppress_transient(f"{self.name}.transient_error"):
                leads = await self._leads()
                heartbeat.beat("leads" if leads else "standby")
                if leads:
                    pause = 0 if await step(check_leadership) else self.pause_seconds
            await asyncio.sleep(pause)

    async def _leads(self) -> bool:
        """Whether this process leads. One that is not allowed to work releases the lease, for one that is.

        `is_allowed` is checked again once the lease is held: taking it can last, and the clock may be set
        meanwhile.
        """
        if self.is_allowed():
            return await self.lease.hold() and self.is_allowed()
        if self.lease.is_held:
            await self.lease.release()
        return False
