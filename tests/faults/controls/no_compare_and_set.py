"""Negative control: a save overwrites whatever was saved since the aggregate was read."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar

from typing_extensions import override

from shared.storage.aggregate import Cause, Decision, State, Stored
from shared.storage.record import Save
from tests.faults.controls.control import Control
from tests.faults.controls.subscription_steps import finish, idle_heartbeat, publish_all
from tests.faults.history import InjectedFault
from tests.faults.system.components import Components
from tests.faults.system.journal import JournalStore
from tests.faults.system.subscriptions import SubscriptionProcess
from tests.faults.system.world import START, World

S = TypeVar("S", bound=State)
_ENDS = START.date() + timedelta(days=1)
_TICKS = 10


class BlindStore(JournalStore[S]):
    @override
    async def _update(self, before: Stored[S], made: Save[S]) -> None:
        await self.collection.update_one({"_id": before.id}, made.update())

    @override
    async def save_each(self, changes: Iterable[tuple[Stored[S] | None, str, Decision[S], Cause]]) -> bool:
        """Save one by one, so that `_update` writes without checking the version."""
        decided = list(changes)
        await self.before_write()
        for stored, id, decision, cause in decided:
            assert stored is not None
            await self._update(stored, self._records.save(stored, id, decision, cause, self._clock.now()))
        self._wakes.set(events=True)
        return True


async def _late_schedule(world: World) -> None:
    """A former leader is delayed between its decision and its write, while another scheduler works for a
    month."""
    late, other = SubscriptionProcess(world), SubscriptionProcess(world)
    await late.service.prepare([])
    await late.adopt("office", _ENDS)
    await late.remind("office", _ENDS)
    reached, free = asyncio.Event(), asyncio.Event()

    async def held_up() -> None:
        reached.set()
        await free.wait()

    late.journal.before_write = held_up
    world.truth.move(timedelta(days=3))
    ticking = asyncio.create_task(late.schedule.tick())
    await reached.wait()
    world.recorder.record(InjectedFault(name="two schedulers", detail="one of them late"))
    world.truth.move(timedelta(days=30))
    await _run_due(other)
    free.set()
    await ticking
    await _run_due(other)
    relay = other.service.relay(idle_heartbeat())
    async with relay.producer() as producer:
        await publish_all(relay, producer)
    await finish(world, other)


async def _run_due(process: SubscriptionProcess) -> None:
    """Run everything that is due, at most _TICKS times."""
    for _ in range(_TICKS):
        if not await process.schedule.tick():
            return


CONTROL = Control(
    name="no compare-and-set",
    breaks="each transition once",
    scenario=_late_schedule,
    broken=Components(store=BlindStore),
)
