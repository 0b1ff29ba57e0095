"""One process of a service, simulated in this process, so that it can be ended in the middle of anything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.messaging import broker
from shared.messaging.consumption.window_handler import WindowHandler
from shared.messaging.routes import Routes
from shared.observability.metrics import Metrics
from shared.resilience.retry import suppress_transient
from shared.runtime.service import Loop
from tests.faults import history
from tests.faults.system.recording_parts import (
    Observer,
    RecordingConsumer,
    RecordingParked,
    RecordingRecordHandler,
    RecordingRoutes,
)
from tests.faults.system.world import SimulatedService

_PARKED_SECONDS = 0.5
_END_SECONDS = 90.0


async def close_nothing() -> None:
    """There is nothing to close."""


class Member:
    """Relays, consumes what `routes` handle, and runs `loops`."""

    def __init__(
        self,
        service: SimulatedService,
        routes: Routes,
        loops: Sequence[Loop] = (),
        closing: Callable[[], Awaitable[None]] = close_nothing,
    ) -> None:
        self.service = service
        world = service.world
        self.routes = RecordingRoutes(routes, Observer(service.name, world.recorder, world.interfere))
        self._loops, self._closing = loops, closing
        self._relay = service.relay(Heartbeat("relay", limit=30))
        self._killed = False
        self._task: asyncio.Task[None] | None = None
        self.consumer: RecordingConsumer | None = None

    @property
    def topics(self) -> list[str]:
        return [self.service.names.topic(producer) for producer in self.routes.producers]

    async def start(self) -> None:
        self.service.world.recorder.record(history.Started(member=self.service.holder))
        self._task = asyncio.create_task(self._run())

    async def end(self, *, killed: bool = True) -> None:
        """End the member. Killed: it finishes nothing and commits nothing any more.

        (A killed member still leaves its group and its leases, so that a run need not wait for their
        timeouts. The next member gets everything as it is.)
        """
        assert self._task is not None
        self._killed = killed
        if self.died:
            self.service.world.recorder.record(
                history.InjectedFault(name="died by itself", detail=repr(self.died))
            )
        self._task.cancel()
        if not (await asyncio.wait({self._task}, timeout=_END_SECONDS))[0]:
            raise TimeoutError(f"{self.service.holder} was told to end and doesn't")
        await self._closing()
        self.service.world.recorder.record(history.Ended(member=self.service.holder, killed=killed))

    @property
    def died(self) -> BaseException | None:
        """The error that ended the member by itself; a real process would have died of it."""
        done = self._task is not None and self._task.done() and not self._task.cancelled()
        return self._task.exception() if done and self._task else None

    async def _run(self) -> None:
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            stack.push_async_callback(_release, self._relay.lease)
            tasks.create_task(self._relay.run())
            for loop in self._loops:
                tasks.create_task(_awaited(loop.run(loop.heartbeat)))
            if self.topics:
                await self._consume(stack, tasks)

    async def _consume(self, stack: AsyncExitStack, tasks: asyncio.TaskGroup) -> None:
        service, world = self.service, self.service.world
        noting: dict[str, Any] = {"service": service.name, "recorder": world.recorder}
        dead = world.parts.dead(self._producing, service.names.dead(service.name), **noting)
        stack.push_async_callback(dead.aclose)
        parked = RecordingParked(service.database["parked"], service.clock, **noting)
        kafka = service.settings.connection.broker()
        stack.push_async_callback(broker.leave, kafka)
        subscriber = kafka.subscriber(
            *self.topics,
            group_id=service.names.group(service.name),
            session_seconds=service.settings.session_seconds,
        )
        self.routes.register(subscriber)
        record_handler = RecordingRecordHandler(
            subscriber.process_message,
            self.routes,
            parked,
            dead,
            Metrics().records,
            at_once=service.settings.at_once,
            observer=self.routes.observer,
        )
        consumer = self.consumer = world.parts.consumer(
            kafka, subscriber, WindowHandler(record_handler), Heartbeat("consumer", limit=30), **noting
        )
        stack.push_async_callback(self._kill, consumer)
        service.topic_progress.begin(consumer.is_read)
        await kafka.start()
        tasks.create_task(consumer.run())
        tasks.create_task(_sweep(record_handler))

    async def _kill(self, consumer: RecordingConsumer) -> None:
        if self._killed:
            await consumer.kill()

    @asynccontextmanager
    async def _producing(self) -> AsyncIterator[AIOKafkaProducer]:
        world = self.service.world
        if world.dead_refusals:
            world.dead_refusals -= 1
            raise KafkaConnectionError("refused by the nemesis")
        async with broker.dead_letter_producer(self.service.settings.connection) as producer:
            yield producer


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _release(lease: Lease) -> None:
    with suppress_transient("lease.fault"):
        await lease.release()


async def _sweep(record_handler: RecordingRecordHandler) -> None:
    while True:
        with suppress_transient("parked.fault"):
            await record_handler.retry_parked()
        await asyncio.sleep(_PARKED_SECONDS)
