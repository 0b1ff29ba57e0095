"""Finds the subscriptions with a change due by their local date, and advances them.

If the process dies, what was not saved is still due, and the next tick does it. If a second scheduler works
by mistake, it loses every compare-and-set, because each save requires the version that was read.
"""

import asyncio
import math
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import advance
from services.subscription.domain.subscription import Subscription
from services.subscription.store import Change, Subscriptions
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.storage.aggregate import Cause, Stored
from shared.time.clock import Clock

log = structlog.get_logger()

_CHUNKS = 4


@dataclass(frozen=True, slots=True)
class LifecycleScheduler:
    subscriptions: Subscriptions
    policies: Policies
    clock: Clock
    leader_loop: LeaderLoop
    batch: int
    skipped: set[str] = field(default_factory=set)
    read_ahead: list[Stored[Subscription]] = field(default_factory=list)

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat, self._until_due)

    async def _step(self, check_leadership: CheckLeadership) -> int:
        return await self.tick()

    async def _until_due(self) -> float:
        due = await self.subscriptions.next_due(without=self.skipped)
        return (due - self.clock.now()).total_seconds() if due else math.inf

    async def tick(self) -> int:
        """Advance one batch of what is due. Returns how many were due.

        A subscription that can't be read or decided stays as it is and is set aside, so that it doesn't delay
        the others. It is named in the log, and the next process tries it again.
        """
        now = self.clock.now()
        due, damaged = await self._due(now)
        emitted = 0
        async with asyncio.TaskGroup() as writes:
            if len(due) == self.batch:
                writes.create_task(self._look_ahead(now, due))
            for start in range(0, len(due), chunk := max(self.batch // _CHUNKS, 1)):
                changes = [
                    change for stored in due[start : start + chunk] if (change := self._decide(stored, now))
                ]
                writes.create_task(self.subscriptions.save_many(changes, Cause.command("advance")))
                emitted += sum(len(decision.events) for _, _, decision in changes)
                await asyncio.sleep(0)  # let the database work while the next ones are decided
        if due:
            log.info("schedule.tick", due=len(due), events=emitted)
        return len(due) + damaged

    async def _due(self, now: datetime) -> tuple[list[Stored[Subscription]], int]:
        """The batch that was read ahead, or else what is due now; and how many of these can't be read."""
        if self.read_ahead:
            due = list(self.read_ahead)
            self.read_ahead.clear()
            return due, 0
        return await self._find(now, self.skipped)

    async def _look_ahead(self, now: datetime, current: list[Stored[Subscription]]) -> None:
        """Read the next batch while this one is written. If a subscription is changed in between, its save
        loses the compare-and-set, and it is read again."""
        self.read_ahead[:], _ = await self._find(now, self.skipped | {stored.id for stored in current})

    async def _find(self, now: datetime, without: set[str]) -> tuple[list[Stored[Subscription]], int]:
        due, damaged = await self.subscriptions.due(now, self.batch, without=without)
        for id in damaged:
            self._skip(id, "damaged")
        return due, len(damaged)

    def _decide(self, stored: Stored[Subscription], now: datetime) -> Change | None:
        try:
            return stored, stored.state.id, advance(stored.state, now, self.policies)
        except Exception as error:
            self._skip(stored.id, type(error).__name__)
            return None

    def _skip(self, id: str, why: str) -> None:
        log.error("schedule.skipped", subscription=id, error=why)
        self.skipped.add(id)
