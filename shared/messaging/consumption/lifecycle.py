"""A service's consumption from start to end: it joins the group, handles records, and drains before it
ends."""

import asyncio
from contextlib import aclosing
from typing import NamedTuple, Self

from shared.background.heartbeat import Heartbeat
from shared.background.wake import Wake
from shared.messaging import broker
from shared.messaging.consumption.consumer import Consumer
from shared.messaging.consumption.record_handler import RecordHandler
from shared.messaging.consumption.subscriber import EventBroker
from shared.messaging.consumption.window_handler import WindowHandler
from shared.messaging.dead_letters.dead_letter import DeadLetters
from shared.messaging.dead_letters.redrive_worker import RedriveWorker
from shared.messaging.operator_requests import PAUSE_SECONDS, OperatorRequests
from shared.messaging.republication.republisher import Republisher
from shared.messaging.routes import Routes
from shared.observability.meters import PartitionMetrics
from shared.observability.metrics import Metrics
from shared.resilience.retry import suppress_transient
from shared.resilience.timeouts import with_timeout
from shared.runtime.service import Service

_PARKED_SECONDS = 5.0
# Longer than the group waits for a member that was killed.
_JOIN_SECONDS = 150.0
# A repeated message may need a document rendered or signed.
_HANDLER_LIMIT = 120.0


class ConsumptionHeartbeats(NamedTuple):
    """One for each loop of a consumption."""

    consumer: Heartbeat
    requests: Heartbeat
    parked: Heartbeat

    @classmethod
    def new(cls, limit: float) -> Self:
        """`limit`: of the consumer's heartbeat, in seconds."""
        return cls(
            Heartbeat("consumer", limit=limit),
            Heartbeat("requests", limit=_HANDLER_LIMIT),
            Heartbeat("parked", limit=_HANDLER_LIMIT),
        )


async def consume(
    service: Service, routes: Routes, kafka: EventBroker, heartbeats: ConsumptionHeartbeats, metrics: Metrics
) -> None:
    """Run until cancelled or until one of its loops dies; then finish the records in hand, commit them and
    leave the group. `kafka` cannot be used again.

    Joining can take as long as a session: the group waits for a member that was killed. Meanwhile the rest of
    the process serves and publishes.
    """
    names, settings = service.names, service.settings
    dead = DeadLetters(lambda: broker.dead_letter_producer(settings.connection), names.dead(service.name))
    requests = OperatorRequests(
        RedriveWorker(service.redrives, routes, service.real),
        _republisher(service),
        service.leader_loop("redrive", PAUSE_SECONDS),
        heartbeats.requests,
    )
    async with aclosing(dead):
        subscriber = kafka.subscriber(
            *(names.topic(name) for name in routes.producers),
            group_id=names.group(service.name),
            session_seconds=settings.session_seconds,
        )
        routes.register(subscriber)
        handler = RecordHandler(
            subscriber.process_message,
            routes,
            service.parked,
            dead,
            metrics.records,
            at_once=settings.at_once,
            wake=(wake := service.wakes.new()),
        )
        consumer = Consumer(kafka, subscriber, WindowHandler(handler), heartbeats.consumer)
        service.topic_progress.begin(consumer.is_read)
        metrics.registry.register(queues := PartitionMetrics(consumer, service.real))
        try:
            await with_timeout(_JOIN_SECONDS, kafka.start())
            async with asyncio.TaskGroup() as tasks:
                for work in (
                    consumer.run(),
                    consumer.watch(),
                    _sweep(handler, heartbeats.parked, wake, settings.idle_seconds),
                    requests.run(),
                ):
                    tasks.create_task(work)
        finally:
            metrics.registry.unregister(queues)
            await broker.leave(kafka)


def _republisher(service: Service) -> Republisher:
    connection = service.settings.connection
    return Republisher(
        service.name,
        service.names.topic(service.name),
        service.republished,
        service.republications,
        lambda: broker.republication_producer(connection),
        service.clock,
        service.real,
        service.settings.republished_a_second,
    )


async def _sweep(handler: RecordHandler, heartbeat: Heartbeat, wake: Wake, idle_seconds: float) -> None:
    """While messages are parked they are tried every few seconds: what they wait for may come from outside of
    this service."""
    while True:
        with suppress_transient("parked.transient_error") as attempt:
            await handler.retry_parked()
            heartbeat.beat("tries parked messages")
        await asyncio.sleep(_PARKED_SECONDS)
        if not (attempt.failed or handler.has_parked):
            await wake.wait(idle_seconds)
