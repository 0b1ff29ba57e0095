"""A service that only reads: it passes every SubscriptionExpiring to the handler that the test sets."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.events.subscription import SubscriptionExpiring
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from shared.storage.store import Store
from tests.support.counter import Counter, counter_store, expiring, increment
from tests.support.service_process import run_service, until
from tests.support.topic import Raw, publish, records

Handler = Callable[[SubscriptionExpiring, Cause], Awaitable[None]]
NAME = "renewal"


@dataclass(slots=True)
class Reader:
    """`handler`, if set, is called for each event instead of `count`."""

    settings: Settings
    store: Store[Counter]
    handler: Handler | None = None
    client: httpx.AsyncClient = field(init=False)

    async def handle(self, event: SubscriptionExpiring, cause: Cause) -> None:
        await (self.handler or self.count)(event, cause)

    async def count(self, event: SubscriptionExpiring, cause: Cause) -> None:
        await self.store.change(event.subscription_id, increment, cause)

    @property
    def topic(self) -> str:
        return f"{self.settings.namespace}.subscription.events"

    async def publish(self, *records: Raw) -> list[int]:
        return await publish(self.settings.kafka, self.topic, *records)

    async def count_of(self, key: int) -> int:
        stored = await self.store.load(expiring(key).subscription_id)
        return stored.state.count if stored else 0

    async def until_counted(self, key: int, times: int = 1) -> None:
        async def enough() -> bool:
            return await self.count_of(key) >= times

        await until(enough, f"key {key} counted {times} times")

    async def dead(self) -> list[ConsumerRecord]:
        return await records(self.settings.kafka, f"{self.settings.namespace}.{NAME}.dead")

    async def committed(self, partition: int = 0) -> int | None:
        """The group's committed offset."""
        group = f"{self.settings.namespace}.{NAME}"
        async with AIOKafkaConsumer(bootstrap_servers=self.settings.kafka, group_id=group) as consumer:
            offset: int | None = await consumer.committed(TopicPartition(self.topic, partition))
            return offset


@asynccontextmanager
async def run_reader(
    settings: Settings, handler: Handler | None = None, dies: Collection[str] = ()
) -> AsyncIterator[Reader]:
    """Run the reader in this process until the end of the block. `dies`: the background work that dies in
    this test."""
    service = Service(NAME, settings)
    reader = Reader(settings, counter_store(service), handler)
    routes = Routes()
    routes.once(SubscriptionExpiring, reader.handle)
    async with run_service(service, Plan(routes, []), dies=dies) as reader.client:
        yield reader
