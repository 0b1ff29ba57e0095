"""Without the worker processes: sealing blocks the event loop, heartbeats stop, and the group gives the
partition to another while the first one still works.

What would mask it is missing on both sides: an aggregate that remembers the message would refuse the second
seal. Sealed apart, there is no second one even so.
"""

import time

from deploy.local.host.background import BackgroundLoop
from shared import ids
from shared.background.workers import Workers
from tests.faults.controls.control import Control
from tests.faults.controls.signing_steps import registrations, signing, started
from tests.faults.history import Fault
from tests.faults.system.contracts import workers
from tests.faults.system.driver import driving
from tests.faults.system.groups import places_of, positions
from tests.faults.system.journal import ForgetfulStore
from tests.faults.system.member import Member
from tests.faults.system.observation import observe
from tests.faults.system.components import Parts, sealed_apart
from tests.faults.system.quiescence import settle
from tests.faults.system.world import World
from tests.support.running import until

_SEAL_SECONDS = 8.0
"""More than the session of six seconds after which the group gives up a silent member."""
_WITHIN_S = 60.0


async def sealed_in_the_loop(workers: Workers, seconds: float) -> bytes:
    time.sleep(seconds)  # noqa: ASYNC251  the very fault
    return b"%PDF-1.7 sealed " + ids.fresh().bytes


async def _slow_seal_and_two_members(world: World) -> None:
    async with workers() as pool, driving(world) as driver:
        with BackgroundLoop() as one, BackgroundLoop() as two:
            members = [(loop, loop.run(_begun(world, pool), _WITHIN_S)) for loop in (one, two)]
            world.noted.note(Fault(name="sealing takes longer than the session"))
            await registrations(driver, offices=1)
            last = signing(world, pool)
            await until(lambda: _done_or_doubled(last), "the seal settled, or a second one begun")
            for loop, member in members:
                loop.run(member.end(killed=True), _WITHIN_S)
        await started(last)
        await settle(world, [last])
        await last.end(killed=False)
        await observe(world, [last])


async def _begun(world: World, pool: Workers) -> Member:
    return await started(signing(world, pool, _SEAL_SECONDS))


async def _done_or_doubled(member: Member) -> bool:
    service = member.service
    drawn = await service.database["books"].find().to_list(None)
    if any(len(numbers) > 1 for book in drawn for numbers in book["numbers"].values()):
        return True
    group = service.names.group(service.name)
    return any((await positions(service.settings.kafka, group, places_of(member))).values())


CONTROL = Control(
    name="blocking render in the loop",
    breaks="at most one number and seal",
    scenario=_slow_seal_and_two_members,
    broken=Parts(store=ForgetfulStore, seal=sealed_in_the_loop),
    sound=Parts(store=ForgetfulStore, seal=sealed_apart),
)
