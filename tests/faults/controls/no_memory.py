"""Without it: an aggregate doesn't know which messages it has handled."""

from tests.faults.controls.control import Control
from tests.faults.controls.signing_steps import registrations, signing, started
from tests.faults.history import Fault
from tests.faults.system.contracts import workers
from tests.faults.system.driver import driving
from tests.faults.system.groups import places_of, rewind
from tests.faults.system.journal import ForgetfulStore
from tests.faults.system.observation import observe
from tests.faults.system.components import Parts
from tests.faults.system.quiescence import settle
from tests.faults.system.world import World


async def _offsets_rewound(world: World) -> None:
    async with workers() as pool:
        first = await started(signing(world, pool))
        async with driving(world) as driver:
            await registrations(driver, offices=3, each=2)
        await settle(world, [first])
        await first.end(killed=False)
        service = first.service
        world.noted.note(Fault(name="offsets rewound to 0", detail=service.name))
        await rewind(world.settings.kafka, service.names.group(service.name), places_of(first))
        second = await started(signing(world, pool))
        await settle(world, [second])
        await second.end(killed=False)
        await observe(world, [second])


CONTROL = Control(
    name="no memory of handled ids",
    breaks="at most one number and seal",
    scenario=_offsets_rewound,
    broken=Parts(store=ForgetfulStore),
)
