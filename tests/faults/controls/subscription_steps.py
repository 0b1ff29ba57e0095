"""Runs the subscription service's parts step by step; several controls use it."""

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
    """The heartbeat of a relay that the control runs by hand."""
    return Heartbeat("relay", limit=30)


async def publish_all(relay: Relay, producer: AIOKafkaProducer) -> None:
    """Publish everything that the relay finds, including what is saved meanwhile."""
    while await relay.publish(producer):
        pass


async def finish(world: World, process: SubscriptionProcess) -> None:
    """Stop here: whatever is still open now stays open."""
    idle = Member(process.service, Routes())
    await wait_for_quiescence(world, [idle], within_s=0)
    await observe(world, [idle])
