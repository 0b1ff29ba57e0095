"""The background loop of imports: applies confirmed ones, drops unconfirmed ones, removes old rows."""

from dataclasses import dataclass, field

import structlog

from services.subscription.imports import state
from services.subscription.imports.applier import ImportApplier
from services.subscription.imports.state import Import
from services.subscription.imports.store import Imports
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.resilience.retry import error_names, is_transient
from shared.storage.aggregate import Cause
from shared.time.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ImportsLoop:
    imports: Imports
    applier: ImportApplier
    clock: Clock
    leader_loop: LeaderLoop
    skipped: set[str] = field(default_factory=set)

    async def run(self, heartbeat: Heartbeat) -> None:
        """Run only while the clocks agree, because each decision also applies the calendar."""
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> bool:
        """Do one piece of work. Returns whether there was any."""
        if one := await self.imports.to_apply(self.skipped):
            await self._apply(one, check_leadership)
        elif one := await self.imports.to_drop(self.clock.now()):
            await self.imports.change(one.id, self._drop_unconfirmed, Cause.command("drop import"))
        elif one := await self.imports.to_tidy():
            await self._tidy(one)
        return one is not None

    async def _apply(self, one: Import, check_leadership: CheckLeadership) -> None:
        """Apply an import. If that fails, it is set aside so that it doesn't delay the others; the next
        process tries it again."""
        try:
            await self.applier.apply(one, check_leadership)
        except Exception as error:
            if is_transient(error):
                raise
            log.error("imports.skipped", id=str(one.id), errors=error_names(error))
            self.skipped.add(str(one.id))

    def _drop_unconfirmed(self, one: Import | None) -> state.Decided | None:
        return state.drop(one, self.clock.now()) if one else None

    async def _tidy(self, one: Import) -> None:
        """Remove the rows of readings that don't count, and all rows of a dropped import."""
        counts = one.reading if one.phase == "applied" else 0
        gone = [reading for reading in range(1, one.readings + 1) if reading != counts]
        await self.imports.rows.remove(one.id, gone)
        await self.imports.change(one.id, _mark_tidied, Cause.command("tidy import"))


def _mark_tidied(one: Import | None) -> state.Decided | None:
    return state.tidy(one) if one else None
