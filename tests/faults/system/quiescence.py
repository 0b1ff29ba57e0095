"""Waits until no work is open, for a limited time."""

import asyncio
from collections.abc import Mapping, Sequence

from deploy.local.clock.lag import LagMeter
from tests.faults.history import Healed
from tests.faults.system.member import Member
from tests.faults.system.observation import AGGREGATES
from tests.faults.system.world import World

WITHIN_S = 60.0
_PAUSE_S = 0.1


async def wait_for_quiescence(world: World, members: Sequence[Member], within_s: float = WITHIN_S) -> None:
    """Record that the world healed, and which work was still open when the time was over."""
    groups = {
        m.service.names.group(m.service.name): m.service.names.dead(m.service.name) for m in _reading(members)
    }
    meter = LagMeter(world.settings.connection, groups)
    await meter.start()
    try:
        still = await _wait(world, members, meter, within_s)
    finally:
        await meter.close()
    world.recorder.record(Healed(open=tuple(still)))


async def _wait(world: World, members: Sequence[Member], meter: LagMeter, within_s: float) -> list[str]:
    deadline = asyncio.get_running_loop().time() + within_s
    before = False
    while True:
        still = await _open_work(world, members, meter)
        if not still and before:
            return []
        before = not still
        if asyncio.get_running_loop().time() > deadline or any(member.died for member in members):
            return still
        await asyncio.sleep(_PAUSE_S)


async def _open_work(world: World, members: Sequence[Member], meter: LagMeter) -> list[str]:
    still = [f"{m.service.name} died: {m.died!r}" for m in members if m.died]
    if meter.groups:
        lag = await meter.read()
        still += [f"{group}: {count} partitions behind" for group, count in lag.behind.items() if count]
        still += [f"{group}: not consuming" for group in lag.absent]
    for member in members:
        still += await _open_of(member, world)
    return still


async def _open_of(member: Member, world: World) -> list[str]:
    name, database = member.service.name, member.service.database
    queries: Mapping[str, Mapping[str, object]] = {
        **{f"{kept}: to publish": {"outbox.at": {"$exists": True}} for kept in AGGREGATES[name]},
        "parked": {},
        "notices: to send": {"due_at": {"$ne": None}},
        "subscriptions: due": {"next_change_at": {"$lte": world.truth.now()}},
    }
    counts = {
        what: await database[what.partition(":")[0]].count_documents(query) for what, query in queries.items()
    }
    return [f"{name}: {count} {what}" for what, count in counts.items() if count]


def _reading(members: Sequence[Member]) -> list[Member]:
    return [member for member in members if member.topics]
