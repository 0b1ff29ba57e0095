"""Negative control: an offset is committed when its record is taken, not when the record has been handled."""

import asyncio
from collections.abc import Sequence

from aiokafka import ConsumerRecord, TopicPartition
from typing_extensions import override

from shared.messaging.consumption.partition_queue import PartitionQueue
from shared.messaging.envelope import Envelope
from tests.faults.controls.control import Control
from tests.faults.controls.signing_steps import register_offices, signing_member, start
from tests.faults.system.components import Components
from tests.faults.system.contracts import worker_pool
from tests.faults.system.driver import start_driver
from tests.faults.system.observation import observe
from tests.faults.system.quiescence import wait_for_quiescence
from tests.faults.system.recording_parts import RecordingConsumer
from tests.faults.system.world import World
from tests.support.service_process import until


class EagerQueue(PartitionQueue):
    """Broken: its position is after the last record that it was given."""

    @override
    def put(self, record: ConsumerRecord) -> None:
        super().put(record)
        self._taken = record.offset + 1

    @property
    @override
    def position(self) -> int | None:
        return getattr(self, "_taken", None)

    @position.setter
    def position(self, handled: int | None) -> None:
        """Ignore which records are handled."""


class EagerConsumer(RecordingConsumer):
    @override
    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        for partition in assigned:
            self._queues[partition] = EagerQueue(self._handler.handle)


async def _killed_with_records_in_hand(world: World) -> None:
    reached, free = asyncio.Event(), asyncio.Event()

    async def hold(service: str, envelope: Envelope) -> None:
        reached.set()
        await free.wait()

    world.interfere = hold
    async with worker_pool() as pool:
        first = await start(signing_member(world, pool))
        async with start_driver(world) as driver:
            await register_offices(driver, offices=1, each=5)
        await reached.wait()
        consumer = first.consumer
        assert consumer is not None
        rounds = consumer.rounds

        async def committed() -> bool:
            return consumer.rounds >= rounds + 3

        await until(committed, "a commit of every offset that is to be committed")
        await first.end(killed=True)
        free.set()
        second = await start(signing_member(world, pool))
        await wait_for_quiescence(world, [second])
        await second.end(killed=False)
        await observe(world, [second])


CONTROL = Control(
    name="ack before effect",
    breaks="no offset passes an unresolved record",
    scenario=_killed_with_records_in_hand,
    broken=Components(consumer=EagerConsumer),
)
