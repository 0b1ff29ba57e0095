"""The loop beside requests: applies what was confirmed, drops what nobody confirmed, and tidies up."""

import asyncio
from dataclasses import dataclass, field

import structlog

from services.subscription.agreement import Agreement
from services.subscription.imports import state
from services.subscription.imports.applying import Applying
from services.subscription.imports.state import Import
from services.subscription.imports.store import Imports
from shared import mongo
from shared.aggregate import Cause
from shared.clock import Clock
from shared.faults import Conflict, Transient
from shared.lease import Lease
from shared.pulse import Pulse

log = structlog.get_logger()

_FAULTS: tuple[type[Exception], ...] = (Transient, *mongo.TRANSIENT)


@dataclass(frozen=True, slots=True)
class ImportsLoop:
    imports: Imports
    applying: Applying
    clock: Clock
    lease: Lease
    agreement: Agreement
    pause_seconds: float
    aside: set[str] = field(default_factory=set)

    async def run(self, pulse: Pulse) -> None:
        """For as long as the lease is ours and the clocks agree: each decision also tells what the calendar
        brought by now."""
        while True:
            busy = False
            try:
                leads = await self.lease.acquire() is not None
                pulse.beat("leads" if leads else "standby")
                if leads and self.agreement.holds():
                    busy = await self._work(pulse)
            except _FAULTS as error:
                log.warning("imports.fault", error=type(error).__name__)
            await asyncio.sleep(0 if busy else self.pause_seconds)

    async def _work(self, pulse: Pulse) -> bool:
        """Whether there was any."""
        if one := await self.imports.to_apply(self.aside):
            await self._apply(one, pulse)
        elif one := await self.imports.to_drop(self.clock.now()):
            await self.imports.change(one.id, self._dropped, Cause.command("drop import"))
        elif one := await self.imports.to_tidy():
            await self._tidy(one)
        return one is not None

    async def _apply(self, one: Import, pulse: Pulse) -> None:
        """One that can't be applied must not hold up the others: the next process tries it again."""

        async def alive() -> None:
            pulse.beat("applies")
            if await self.lease.acquire() is None or not self.agreement.holds():
                raise Conflict("imports: another's turn, or the clocks disagree")

        try:
            await self.applying.apply(one, alive)
        except _FAULTS:
            raise
        except Exception as error:
            log.error("imports.set_aside", id=str(one.id), error=type(error).__name__)
            self.aside.add(str(one.id))

    def _dropped(self, one: Import | None) -> state.Decided | None:
        return state.dropped(one, self.clock.now()) if one else None

    async def _tidy(self, one: Import) -> None:
        """Readings that don't count, and all rows of what was dropped: it will not be applied."""
        counts = one.reading if one.phase == "applied" else 0
        gone = [reading for reading in range(1, one.readings + 1) if reading != counts]
        await self.imports.rows.remove(one.id, gone)
        await self.imports.change(one.id, _tidied, Cause.command("tidy import"))


def _tidied(one: Import | None) -> state.Decided | None:
    return state.tidied(one) if one else None
