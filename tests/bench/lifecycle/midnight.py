"""Most of a large population is due at one midnight; the service runs as real processes."""

import asyncio
import tempfile
import time
from datetime import datetime, timedelta

from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.time.clock import SystemClock
from tests.bench.lifecycle.gate import paths
from tests.bench.lifecycle.load import SteadyLoad
from tests.bench.lifecycle.population import PRODUCT, LifecycleBench, due_by
from tests.bench.lifecycle.processes import Running, cpu_seconds, service
from tests.bench.lifecycle.progress import Progress
from tests.bench.lifecycle.seeded_population import midnight, seed_population
from tests.bench.lifecycle.topic import Topic
from tests.bench.result import Result, compare, limit, percentile
from tests.bench.scale import Scale, scale

_ASKED_PER_SECOND = 50
_MEGABYTES = 300
_GIVEN_UP_AFTER = 3
"""How many times the goal's seconds to wait before giving up."""
_LOOKS_EVERY_S = 0.25


async def run(settings: Settings) -> list[Result]:
    chosen = scale()
    life = (await seed_population(settings, chosen.largest, chosen)).life
    stack = Stack(life)
    await stack.move_to(midnight() - timedelta(minutes=10))
    own = life.service.settings
    with (
        tempfile.TemporaryDirectory(prefix="giahan-midnight-") as folder,
        service("api", own, folder) as api,
        service("worker", own, folder) as worker,
    ):
        return await _measured(chosen, stack, api, worker)


async def _measured(chosen: Scale, stack: "Stack", api: Running, worker: Running) -> list[Result]:
    steady = SteadyLoad(api.port, paths(f"/v1/access/{{}}/{PRODUCT}", chosen.largest), _ASKED_PER_SECOND)
    async with Topic(stack.life.service) as topic:
        assert await stack.settled(_GIVEN_UP_AFTER * chosen.within, topic, 2 * chosen.due), (
            "what came due before isn't done"
        )
        await steady.during(asyncio.sleep(2))
        _, idle = await steady.during(asyncio.sleep(chosen.seconds))
        await topic.read_from_here()
        began, spent = time.monotonic(), cpu_seconds()
        await stack.move_to(midnight() + timedelta(seconds=1))
        settling = stack.settled(_GIVEN_UP_AFTER * chosen.within, topic, chosen.at_midnight)
        settled, busy = await steady.during(settling)
        taken = time.monotonic() - began
        cpu = ", ".join(f"{name} {seconds:.0f}" for name, seconds in (cpu_seconds() - spent).items())
        memory = {"api": api.peak_mb, "worker": worker.peak_mb}
        steady.close()
        told = await topic.subscriptions_told(chosen.at_midnight)
    assert told == chosen.at_midnight or not settled, f"{told} of {chosen.at_midnight} were told of"
    rate = (
        f"{told:,} of {chosen.at_midnight:,}, {told / taken:,.0f}/s; {len(busy):,} at the gate; CPU s: {cpu}"
    )
    parts = " + ".join(f"{name} {megabytes:.0f}" for name, megabytes in memory.items())
    return [
        limit("midnight_published", taken, at_most=chosen.within, unit="s", note=rate),
        limit("midnight_memory", sum(memory.values()), at_most=_MEGABYTES, unit="MB", note=parts),
        compare(
            "midnight_gate_p99", percentile(busy, 99), percentile(idle, 99), at_most=3, unit="ms",
            note=f"p50 {percentile(busy, 50):.1f} after {percentile(idle, 50):.1f}",
        ),
    ]  # fmt: skip


class Stack:
    """The clock that both processes follow (shared/time/clock_feed.py), and a check for open work."""

    def __init__(self, life: LifecycleBench) -> None:
        self.life = life
        self._database = life.service.client[life.service.settings.database("stack")]
        self._at = SystemClock().now()
        self._set_at = 0.0

    @property
    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._set_at)

    async def move_to(self, at: datetime) -> None:
        """Takes effect when the processes next read the clock, a fraction of a second later."""
        offset = (at - SystemClock().now()).total_seconds()
        self._at, self._set_at = at, time.monotonic()
        change = {"$set": {"offset": offset}, "$inc": {"epoch": 1}}
        await self._database["clock"].update_one({"_id": "clock"}, change, upsert=True)

    async def settled(self, seconds: float, topic: Topic, expected: int) -> bool:
        """Whether nothing is due and everything is published within that time."""
        progress = Progress("records published", expected)
        began, ends = await topic.end(), time.monotonic() + seconds
        while (busy := await self._busy()) and time.monotonic() < ends:
            await asyncio.sleep(_LOOKS_EVERY_S)
            progress.at(await topic.end() - began)
        progress.end(await topic.end() - began)
        return not busy

    async def _busy(self) -> bool:
        """Checks in the order of the work: in the other order, work could move on unseen
        between the checks."""
        for waiting in (due_by(self.now), {"outbox.at": {"$gt": mongo.EPOCH}}):
            if await self.life.kept.find_one(waiting, {"_id": 1}) is not None:
                return True
        return False
