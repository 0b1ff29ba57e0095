"""Background work in steps, which only the leader does: the process that holds the lease."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.background.wake import Wake
from shared.resilience.errors import Conflict
from shared.resilience.retry import suppress_transient

CheckLeadership = Callable[[], Awaitable[None]]
"""For the middle of a long step: beats the heartbeat, and raises Conflict if this process no longer leads."""
_SOON_SECONDS = 0.05
UntilDue = Callable[[], Awaitable[float]]
"""How many seconds from now something is due, as far as is known."""


@dataclass(frozen=True, slots=True)
class LeaderLoop:
    """This process leads while it holds `lease` and `is_allowed` returns True (the clocks agree, there
    is work today).

    After a step without work, and while another process leads, it pauses `pause_seconds`. After a step
    without work it then waits until it is woken, at most `idle_seconds`.
    """

    name: str
    lease: Lease
    is_allowed: Callable[[], bool]
    pause_seconds: float
    wake: Wake = field(default_factory=Wake)
    idle_seconds: float = 0.0

    @property
    def silence_limit(self) -> float:
        """Seconds without a heartbeat after which the loop counts as dead."""
        return 3 * self.pause_seconds + self.idle_seconds + 30

    async def run(
        self,
        step: Callable[[CheckLeadership], Awaitable[object]],
        heartbeat: Heartbeat,
        until_due: UntilDue | None = None,
    ) -> None:
        """Do one `step` after the other for ever, and pause after each step that returns a falsy value: not
        longer than `until_due` says.

        After a transient error it pauses as in standby, and does the step again. Any other error ends the
        loop.
        """

        async def check_leadership() -> None:
            heartbeat.beat("works")
            if not await self._leads():
                raise Conflict(f"{self.name}: another process leads, or the clocks disagree")

        while True:
            pause, idle = self.pause_seconds, 0.0
            with suppress_transient(f"{self.name}.transient_error"):
                leads = await self._leads()
                heartbeat.beat("leads" if leads else "standby")
                if leads and await step(check_leadership):
                    pause = 0.0
                elif leads:
                    due = await until_due() if until_due else self.pause_seconds + self.idle_seconds
                    pause = min(self.pause_seconds, max(due, _SOON_SECONDS))
                    idle = min(self.idle_seconds, due - pause)
            await asyncio.sleep(pause)
            if idle > 0:
                await self.wake.wait(idle)

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
