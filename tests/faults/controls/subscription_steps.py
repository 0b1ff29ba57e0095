"""The subscription service's parts driven by hand, step by step: what several controls run."""

from aiokafka import AIOKafkaProducer

from shared.background.heartbeat import Heartbeat
from shared.messaging.relay import Relay
from shared.messaging.routes import Routes
from tests.faults.system.member import Member
from tests.faults.system.observation import observe
from tests.faults.system.quiescence import wait_for_quiescence
from tests.faults.system.subscriptions import SubscriptionProcess
from tests.faults.system.world import World


def idle_heartbeat() -> Heartbeat:
    """Of a relay whose steps are taken by hand."""
    return Heartbeat("relay", limit=30)


async def publish_all(relay: Relay, producer: AIOKafkaProducer) -> None:
    """Everything that this relay finds to publish, and once more for what comes behind."""
    while await relay.publish(producer):
        pass


async def finish(world: World, process: SubscriptionProcess) -> None:
    """Nothing more is done: what is open now stays so."""
    deaf = Member(process.service, Routes())
    await wait_for_quiescence(world, [deaf], within_s=0)
    await observe(world, [deaf])
