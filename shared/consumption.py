"""A service's consumption from start to end: it begins with joining the group and ends with a drain."""

import asyncio
from contextlib import aclosing
from typing import NamedTuple, Self

from faststream.kafka import KafkaBroker

from shared import broker
from shared.consumer import Consumer
from shared.deadletters import DeadLetters
from shared.meters import Lanes
from shared.metrics import Metrics
from shared.passing import borne
from shared.patience import within
from shared.pulse import Pulse
from shared.redriving import Redriving
from shared.routes import Routes
from shared.service import Service
from shared.settlement import Settlement

_PARKED_SECONDS = 5.0
# Longer than the group waits for a member that was killed.
_JOIN_SECONDS = 150.0
# A message done again may have to be rendered or signed.
_HANDLER_LIMIT = 120.0


class ConsumptionPulses(NamedTuple):
    """Of the loops of a consumption."""

    consumer: Pulse
    redriving: Pulse
    parked: Pulse

    @classmethod
    def new(cls, limit: float) -> Self:
        """`limit`: the consumer's, in seconds."""
        return cls(
            Pulse("consumer", limit=limit),
            Pulse("redriving", limit=_HANDLER_LIMIT),
            Pulse("parked", limit=_HANDLER_LIMIT),
        )


async def consume(
    service: Service, routes: Routes, kafka: KafkaBroker, pulses: ConsumptionPulses, metrics: Metrics
) -> None:
    """Run until cancelled or until something in it dies; then finish what is in hand, commit it and leave
    the group. `kafka` can't be used again.

    Joining can take as long as a session: the group waits for a member that was killed. So this runs
    beside the rest of the process, which serves and publishes meanwhile.
    """
    names, settings = service.names, service.settings
    dead = DeadLetters(lambda: broker.dead_letter_producer(settings.connection), names.dead(service.name))
    redriving = Redriving(service.redrives, routes, service.lease("redrive"), service.real, pulses.redriving)
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
            pulses.consumer,
            session_seconds=settings.session_seconds,
        )
        service.reading.begin(consumer.is_read)
        metrics.registry.register(lanes := Lanes(consumer, service.real))
        try:
            await within(_JOIN_SECONDS, kafka.start())
            async with asyncio.TaskGroup() as tasks:
                for work in (
                    consumer.run(),
                    consumer.watch(),
                    _sweep(settlement, pulses.parked),
                    redriving.run(),
                ):
                    tasks.create_task(work)
        finally:
            metrics.registry.unregister(lanes)
            await consumer.drain()
            await broker.leave(kafka)


async def _sweep(settlement: Settlement, pulse: Pulse) -> None:
    while True:
        with borne("parked.fault"):
            await settlement.retry_parked()
            pulse.beat("tries what is parked")
        await asyncio.sleep(_PARKED_SECONDS)
