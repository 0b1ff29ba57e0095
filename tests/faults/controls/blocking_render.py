"""Negative control: without worker processes, sealing blocks the event loop, heartbeats stop, and the group
gives the partition to another member while the first still works.

Both variants lack the protection that would hide this: an aggregate that remembers the message would refuse
the second seal. With sealing in a worker there is no second seal, although the aggregate forgets.
"""

import time

from deploy.local.host.background import BackgroundLoop
from shared import ids
from shared.background.workers import Workers
from tests.faults.controls.control import Control
from tests.faults.controls.signing_steps import register_offices, signing_member, start
from tests.faults.history import InjectedFault
from tests.faults.system.components import Components, seal_in_worker
from tests.faults.system.contracts import worker_pool
from tests.faults.system.driver import start_driver
from tests.faults.system.groups import partitions_of, positions
from tests.faults.system.journal import ForgetfulStore
from tests.faults.system.member import Member
from tests.faults.system.observation import observe
from tests.faults.system.quiescence import wait_for_quiescence
from tests.faults.system.world import World
from tests.support.service_process import until

_SEAL_SECONDS = 8.0
"""More than the session of six seconds, after which the group drops a silent member."""
_WITHIN_S = 60.0


async def seal_in_event_loop(workers: Workers, seconds: float) -> bytes:
    time.sleep(seconds)  # noqa: ASYNC251  this is the injected fault
    return b"%PDF-1.7 sealed " + ids.fresh().bytes


async def _slow_seal_and_two_members(world: World) -> None:
    async with worker_pool() as pool, start_driver(world) as driver:
        with BackgroundLoop() as one, BackgroundLoop() as two:
            members = [(loop, loop.run(_start_signing(world, pool), _WITHIN_S)) for loop in (one, two)]
            world.recorder.record(InjectedFault(name="sealing takes longer than the session"))
            await register_offices(driver, offices=1)
            last = signing_member(world, pool)
            await until(lambda: _done_or_doubled(last), "the seal done, or a second one begun")
            for loop, member in members:
                loop.run(member.end(killed=True), _WITHIN_S)
        await start(last)
        await wait_for_quiescence(world, [last])
        await last.end(killed=False)
        await observe(world, [last])


async def _start_signing(world: World, pool: Workers) -> Member:
    return await start(signing_member(world, pool, _SEAL_SECONDS))


async def _done_or_doubled(member: Member) -> bool:
    service = member.service
    drawn = await service.database["books"].find().to_list(None)
    if any(len(numbers) > 1 for book in drawn for numbers in book["numbers"].values()):
        return True
    group = service.names.group(service.name)
    return any((await positions(service.settings.kafka, group, partitions_of(member))).values())


CONTROL = Control(
    name="blocking render in the loop",
    breaks="at most one number and seal",
    scenario=_slow_seal_and_two_members,
    broken=Components(store=ForgetfulStore, seal=seal_in_event_loop),
    sound=Components(store=ForgetfulStore, seal=seal_in_worker),
)
