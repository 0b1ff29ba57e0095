"""Negative control: an event leaves the outbox before it is in the log."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from aiokafka import AIOKafkaProducer
from typing_extensions import override

from shared.messaging.relay import Relay, _pending, _remove
from tests.faults.controls.control import Control
from tests.faults.controls.process_death import ProcessDied
from tests.faults.controls.subscription_steps import finish, idle_heartbeat, publish_all
from tests.faults.history import InjectedFault
from tests.faults.system.components import Components
from tests.faults.system.subscriptions import SubscriptionProcess
from tests.faults.system.world import START, World


class DyingProducer:
    """A producer whose process dies when it starts to publish."""

    async def begin_transaction(self) -> None:
        raise ProcessDied


@dataclass(frozen=True)
class EarlyMarkRelay(Relay):
    @override
    async def publish(self, producer: AIOKafkaProducer) -> int:
        published = 0
        for outbox in self.outboxes:
            if pending := await _pending(outbox):
                published += await _remove(outbox, pending)
                await self._send(producer, pending)
        return published


async def _dies_in_the_middle(world: World) -> None:
    process = SubscriptionProcess(world)
    await process.service.prepare([])
    await process.adopt("office", START.date() + timedelta(days=200))
    relay = process.service.relay(idle_heartbeat())
    try:
        await relay.publish(cast("AIOKafkaProducer", DyingProducer()))
    except ProcessDied:
        world.recorder.record(InjectedFault(name="relay killed while it publishes"))
    async with relay.producer() as producer:
        await publish_all(relay, producer)
    await finish(world, process)


CONTROL = Control(
    name="mark before publish",
    breaks="committed is in the log",
    scenario=_dies_in_the_middle,
    broken=Components(relay=EarlyMarkRelay),
)
