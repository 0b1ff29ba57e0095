"""A service's consumption from start to end: it begins with joining the group and ends with a drain."""

import asyncio
from contextlib import aclosing

import structlog
from faststream.kafka import KafkaBroker

from shared import broker, mongo
from shared.consumer import Consumer
from shared.deadletters import DeadLetters
from shared.meters import Lanes
from shared.metrics import Metrics
from shared.pulse import Pulse
from shared.redriving import Redriving
from shared.routes import Routes
from shared.service import Service
from shared.settlement import Settlement

log = structlog.get_logger()

_PARKED_SECONDS = 5.0


async def consume(
    service: Service, routes: Routes, kafka: KafkaBroker, pulse: Pulse, metrics: Metrics
) -> None:
    """Run until cancelled; then finish what is in hand, commit it and leave the group.

    Joining can take as long as a session: the group waits for a member that was killed. So this runs
    beside the rest of the process, which serves and publishes meanwhile.
    """
    names, settings = service.names, service.settings
    dead = DeadLetters(lambda: broker.dead_letter_producer(settings.kafka), names.dead(service.name))
    redriving = Redriving(service.redrives, routes, service.lease("redrive"), service.real)
    async with aclosing(dead):
        settlement = Settlement(
            routes,
            service.parked,
            dead,
            metrics.records,
            at_once=settings.at_once,
        )
        topics = [names.topic(name) for name in routes.producers]
        consumer = Consumer(
            kafka,
            topics,
            names.group(service.name),
            settlement,
            pulse,
            session_seconds=settings.session_seconds,
        )
        metrics.registry.register(Lanes(consumer, service.real))
        try:
            await kafka.start()
            async with asyncio.TaskGroup() as tasks:
                for work in (consumer.run(), consumer.watch(), _sweep(settlement), redriving.run()):
                    tasks.create_task(work)
        finally:
            await consumer.drain()
            await broker.leave(kafka)


async def _sweep(settlement: Settlement) -> None:
    while True:
        try:
            await settlement.retry_parked()
        except mongo.TRANSIENT as error:
            log.warning("parked.sweep", error=type(error).__name__)
        await asyncio.sleep(_PARKED_SECONDS)
