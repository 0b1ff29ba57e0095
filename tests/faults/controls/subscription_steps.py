"""The subscription service's parts driven by hand, step by step: what several controls run."""

from aiokafka import AIOKafkaProducer

from shared.background.heartbeat import Heartbeat
from shared.messaging.relay import Relay
from shared.messaging.routes import Routes
from tests.faults.system.member import Member
from tests.faults.system.observation import observe
from tests.faults.system.quiescence import settle
from tests.faults.system.subscriptions import Clerk
from tests.faults.system.world import World


def quiet() -> Heartbeat:
    """Of a relay whose steps are taken by hand."""
    return Heartbeat("relay", limit=30)


async def published(relay: Relay, producer: AIOKafkaProducer) -> None:
    """Everything that this relay finds to publish, and once more for what comes behind."""
    while await relay.publish(producer):
        pass


async def rest(world: World, clerk: Clerk) -> None:
    """Nothing more is done: what is open now stays so."""
    deaf = Member(clerk.service, Routes())
    await settle(world, [deaf], within_s=0)
    await observe(world, [deaf])
