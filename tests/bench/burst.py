"""A burst of events waits for a service: it handles them with constant memory, however long the queue is."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta

from aiokafka import AIOKafkaProducer

from deploy.local.clock.lag import LagMeter
from shared.events.base import Stage
from shared.events.subscription import SubscriptionRecorded
from shared.ids import subscription_id
from shared.messaging import broker
from shared.runtime.settings import Settings
from tests.bench import bare
from tests.bench.lifecycle.processes import Running, service
from tests.bench.lifecycle.progress import Progress
from tests.bench.result import Result, limit
from tests.bench.servers import with_own_namespace
from tests.services.subscription.examples import licence
from tests.support.counter import DAY
from tests.support.topic import raw

EVENTS = 100_000
SUBSCRIPTIONS = 20_000
NAME = "renewal"


async def run(settings: Settings) -> list[Result]:
    settings = with_own_namespace(settings)
    names = broker.KafkaNames(settings.namespace)
    with (
        tempfile.TemporaryDirectory(prefix="giahan-burst-") as folder,
        service("worker", settings, folder, name=NAME) as worker,
    ):
        await _publish(settings, names.topic("subscription"), SUBSCRIPTIONS)
        await _worked_off(settings, names)
        before, began = worker.peak_mb, time.perf_counter()
        await _publish(settings, names.topic("subscription"), EVENTS)
        await _worked_off(settings, names)
        return [_grown(worker, before, time.perf_counter() - began)]


def _grown(worker: Running, before: float, seconds: float) -> Result:
    note = f"{before:.0f} MB after {SUBSCRIPTIONS:,} events; {EVENTS:,} more in {seconds:.0f} s"
    return limit("burst_memory", worker.peak_mb - before, at_most=30, unit="MB", note=note)


async def _publish(settings: Settings, topic: str, count: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True) as producer:
        await bare.send(list(_records(count)), producer, topic, 2000)


def _records(count: int) -> Iterator[bare.Record]:
    """Each record holds the state of the next of SUBSCRIPTIONS, in a cycle."""
    known = licence((DAY + timedelta(days=300)).date())
    for number in range(count):
        office = f"office-{number % SUBSCRIPTIONS}"
        event = SubscriptionRecorded(
            subscription_id=subscription_id(office, "qlts"),
            office_ref=office,
            product_code="qlts",
            effective_on=DAY.date(),
            occurred_at=DAY,
            recorded_at=DAY,
            licence=known,
            stage=Stage.ACTIVE,
        )
        record = raw(event, sequence=number // SUBSCRIPTIONS + 1)
        yield str(event.subscription_id).encode(), record.value or b"", record.headers


async def _worked_off(settings: Settings, names: broker.KafkaNames) -> None:
    """Wait until the group has handled everything that can be read."""
    meter = LagMeter(settings.connection, {names.group(NAME): names.dead(NAME)})
    await meter.start()
    progress = Progress("partitions behind", broker.PARTITIONS)
    try:
        while behind := (await meter.read()).behind[names.group(NAME)]:
            progress.at(behind)
            await asyncio.sleep(0.5)
        assert (await meter.read()).dead == 0, "records died"
    finally:
        await meter.close()
