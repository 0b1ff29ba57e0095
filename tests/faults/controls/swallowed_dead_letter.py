"""Negative control: a record counts as handled although its dead letter could not be written."""

from contextlib import suppress

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from typing_extensions import override

from tests.faults.controls.control import Control
from tests.faults.controls.signing_steps import register_offices, signing_member, start
from tests.faults.history import InjectedFault
from tests.faults.system.components import Components
from tests.faults.system.contracts import worker_pool
from tests.faults.system.driver import start_driver
from tests.faults.system.observation import observe
from tests.faults.system.quiescence import wait_for_quiescence
from tests.faults.system.recording_parts import RecordingDeadLetters
from tests.faults.system.world import World


class SwallowingDeadLetters(RecordingDeadLetters):
    @override
    async def put(self, record: ConsumerRecord, reason: str) -> None:
        with suppress(KafkaError, TimeoutError, OSError):
            await super().put(record, reason)


async def _dead_letters_refused_for_a_while(world: World) -> None:
    world.dead_refusals = 2
    world.recorder.record(InjectedFault(name="dead letters refused", detail="twice"))
    async with worker_pool() as pool:
        member = await start(signing_member(world, pool))
        async with start_driver(world) as driver:
            await driver.poison("office-0")
            await register_offices(driver, offices=2)
        await wait_for_quiescence(world, [member])
        await member.end(killed=False)
        await observe(world, [member])


CONTROL = Control(
    name="dead-letter failure swallowed",
    breaks="every input ends",
    scenario=_dead_letters_refused_for_a_while,
    broken=Components(dead=SwallowingDeadLetters),
)
