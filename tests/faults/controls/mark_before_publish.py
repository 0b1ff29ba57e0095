"""Without the order: an event leaves the outbox before the log has it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from aiokafka import AIOKafkaProducer

from shared.messaging.relay import Relay, _pending, _remove
from tests.faults.controls.subscription_steps import published, quiet, rest
from tests.faults.controls.control import Control
from tests.faults.history import Fault
from tests.faults.system.components import Parts
from tests.faults.system.subscriptions import Clerk
from tests.faults.system.world import START, World


class Died(Exception):
    """The process is no more."""


class Dying:
    """A producer whose process dies when it is to publish."""

    async def begin_transaction(self) -> None:
        raise Died


@dataclass(frozen=True)
class EarlyMarkRelay(Relay):
    async def publish(self, producer: AIOKafkaProducer) -> int:
        published = 0
        for outbox in self.outboxes:
            if pending := await _pending(outbox):
                published += await _remove(outbox, pending)
                await self._send(producer, pending)
        return published


async def _dies_in_the_middle(world: World) -> None:
    clerk = Clerk(world)
    await clerk.service.prepare([])
    await clerk.adopt("office", START.date() + timedelta(days=200))
    relay = clerk.service.relay(quiet())
    try:
        await relay.publish(cast("AIOKafkaProducer", Dying()))
    except Died:
        world.noted.note(Fault(name="relay killed while it publishes"))
    async with relay.producer() as producer:
        await published(relay, producer)
    await rest(world, clerk)


CONTROL = Control(
    name="mark before publish",
    breaks="committed is in the log",
    scenario=_dies_in_the_middle,
    broken=Parts(relay=EarlyMarkRelay),
)
