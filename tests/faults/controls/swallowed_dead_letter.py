"""Without it: a record whose dead letter could not be written counts as settled."""

from contextlib import suppress

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from tests.faults.controls.control import Control
from tests.faults.controls.signing_steps import registrations, signing, started
from tests.faults.history import Fault
from tests.faults.system.contracts import workers
from tests.faults.system.driver import driving
from tests.faults.system.recording_parts import NotingDead
from tests.faults.system.observation import observe
from tests.faults.system.components import Parts
from tests.faults.system.quiescence import settle
from tests.faults.system.world import World


class SwallowingDead(NotingDead):
    async def put(self, record: ConsumerRecord, reason: str) -> None:
        with suppress(KafkaError, TimeoutError, OSError):
            await super().put(record, reason)


async def _dead_letters_refused_for_a_while(world: World) -> None:
    world.dead_refusals = 2
    world.noted.note(Fault(name="dead letters refused", detail="twice"))
    async with workers() as pool:
        member = await started(signing(world, pool))
        async with driving(world) as driver:
            await driver.poison("office-0")
            await registrations(driver, offices=2)
        await settle(world, [member])
        await member.end(killed=False)
        await observe(world, [member])


CONTROL = Control(
    name="dead-letter failure swallowed",
    breaks="every input ends",
    scenario=_dead_letters_refused_for_a_while,
    broken=Parts(dead=SwallowingDead),
)
