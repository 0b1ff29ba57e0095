"""The loop beside requests: publishes plans and lets go what was released."""

import asyncio
from dataclasses import dataclass

import structlog

from services.subscription.agreement import Agreement
from services.subscription.plans.publishing import Publishing
from services.subscription.plans.releasing import Releasing
from shared import mongo
from shared.faults import Conflict, Transient
from shared.lease import Lease
from shared.pulse import Pulse

log = structlog.get_logger()

_ASK_SECONDS = 1.0
_FAULTS: tuple[type[Exception], ...] = (Transient, *mongo.TRANSIENT)


@dataclass(frozen=True, slots=True)
class PlansLoop:
    publishing: Publishing
    releasing: Releasing
    lease: Lease
    agreement: Agreement
    pause_seconds: float

    async def run(self, pulse: Pulse) -> None:
        """For as long as the lease is ours and the clocks agree: a wrong clock ends nobody's service."""
        while True:
            busy = False
            try:
                leads = await self.lease.acquire() is not None
                pulse.beat("leads" if leads else "standby")
                if leads and self.agreement.holds():
                    busy = await self._work(pulse)
            except _FAULTS as error:
                log.warning("plans.fault", error=type(error).__name__)
            await asyncio.sleep(0 if busy else self.pause_seconds)

    async def _work(self, pulse: Pulse) -> bool:
        asked = asyncio.get_running_loop().time()

        async def alive() -> None:
            nonlocal asked
            pulse.beat("works")
            if not self.agreement.holds():
                raise Conflict("plans: the clocks disagree")
            if (now := asyncio.get_running_loop().time()) - asked > _ASK_SECONDS:
                asked = now
                if await self.lease.acquire() is None:
                    raise Conflict("plans: another's turn")

        released = await self.releasing.apply(alive)
        return await self.publishing.publish(alive) or released
