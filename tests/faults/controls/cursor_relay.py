"""Negative control: instead of an outbox, a relay that publishes whatever is newer than its last event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from aiokafka import AIOKafkaProducer
from typing_extensions import override

from shared.messaging.relay import Relay, _remove
from shared.storage import mongo
from tests.faults.controls.control import Control
from tests.faults.controls.subscription_steps import finish, idle_heartbeat, publish_all
from tests.faults.system.components import Components
from tests.faults.system.subscriptions import SubscriptionProcess
from tests.faults.system.world import START, World

_ENDS: date = START.date() + timedelta(days=200)


@dataclass(frozen=True)
class CursorRelay(Relay):
    """Broken: it skips a save that commits with an earlier time than a save before it."""

    cursors: dict[str, datetime] = field(default_factory=dict)

    @override
    async def publish(self, producer: AIOKafkaProducer) -> int:
        published = 0
        for outbox in self.outboxes:
            since = self.cursors.get(outbox.name, mongo.EPOCH)
            found = await outbox.find({"outbox.at": {"$gt": since}}, {"outbox": 1}).to_list(None)
            pending = [{**document, "outbox": _newer(document, since)} for document in found]
            if pending:
                await self._send(producer, pending)
                published += await _remove(outbox, pending)
                self.cursors[outbox.name] = max(e["at"] for document in pending for e in document["outbox"])
        return published


def _newer(document: Mapping[str, list[mongo.Document]], since: datetime) -> list[mongo.Document]:
    return [entry for entry in document["outbox"] if entry["at"] > since]


async def _writer_behind_another(world: World) -> None:
    """A writer's clock is behind, or it waited between deciding and writing. For a relay
    both are the same."""
    punctual, behind = SubscriptionProcess(world), SubscriptionProcess(world, timedelta(hours=-1))
    await punctual.service.prepare([])
    relay = punctual.service.relay(idle_heartbeat())
    async with relay.producer() as producer:
        await punctual.adopt("punctual", _ENDS)
        await publish_all(relay, producer)
        await behind.adopt("behind", _ENDS)
        await publish_all(relay, producer)
    await finish(world, punctual)


CONTROL = Control(
    name="cursor relay",
    breaks="committed is in the log",
    scenario=_writer_behind_another,
    broken=Components(relay=CursorRelay),
)
