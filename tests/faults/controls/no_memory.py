"""Negative control: an aggregate does not remember which messages it has handled."""

from tests.faults.controls.control import Control
from tests.faults.controls.signing_steps import register_offices, signing_member, start
from tests.faults.history import InjectedFault
from tests.faults.system.components import Components
from tests.faults.system.contracts import worker_pool
from tests.faults.system.driver import start_driver
from tests.faults.system.groups import partitions_of, rewind
from tests.faults.system.journal import ForgetfulStore
from tests.faults.system.observation import observe
from tests.faults.system.quiescence import wait_for_quiescence
from tests.faults.system.world import World


async def _offsets_rewound(world: World) -> None:
    async with worker_pool() as pool:
        first = await start(signing_member(world, pool))
        async with start_driver(world) as driver:
            await register_offices(driver, offices=3, each=2)
        await wait_for_quiescence(world, [first])
        await first.end(killed=False)
        service = first.service
        world.recorder.record(InjectedFault(name="offsets rewound to 0", detail=service.name))
        await rewind(world.settings.kafka, service.names.group(service.name), partitions_of(first))
        second = await start(signing_member(world, pool))
        await wait_for_quiescence(world, [second])
        await second.end(killed=False)
        await observe(world, [second])


CONTROL = Control(
    name="no memory of handled ids",
    breaks="at most one number and seal",
    scenario=_offsets_rewound,
    broken=Components(store=ForgetfulStore),
)
