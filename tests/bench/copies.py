"""Copies of another service's state: a whole service process against a bare loop of `bulk_write`.

The bare loop reads the same records and makes the same updates, also with the sequence in the filter. It
checks nothing else: neither headers nor bodies, and no document is known to be there.
"""

import asyncio
import json
import time
from functools import partial

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import BaseModel
from pymongo import UpdateOne

from shared.events.subscription import SubscriptionExpiring
from shared.ids import fresh
from shared.messaging import broker
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Stored, envelopes
from shared.storage.mongo import Collection
from shared.storage.projection import CopyWrite
from shared.time.clock import SystemClock
from tests.bench import bare
from tests.bench.result import Result, compare
from tests.bench.servers import alternate, with_own_namespace
from tests.support.counter import Counter, expiring
from tests.support.service_process import run_service

SUBSCRIPTIONS = 5000
EACH = 3
ROUNDS = 3


class Copy(BaseModel):
    office_ref: str
    stage: str
    days_left: int


async def run(settings: Settings) -> list[Result]:
    settings = with_own_namespace(settings)
    await _publish(settings)
    ours, by_hand = await alternate("copies", ROUNDS, partial(_ours, settings), partial(_bare, settings))
    return [compare("copies", ours, by_hand, at_least=0.5)]


async def _publish(settings: Settings) -> None:
    """Publish EACH events of every subscription, as a relay would: first the first of all."""
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    await broker.ensure_topics(settings.connection, [topic], [], replication=1)
    now = SystemClock().now()
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True) as producer:
        for sequence in range(EACH):
            records = []
            for key in range(SUBSCRIPTIONS):
                event = expiring(key, EACH - sequence)
                stored = Stored(str(event.subscription_id), Counter(), sequence=sequence)
                [made] = envelopes("subscription", stored, (event,), Cause.command(), now)
                records.append((made.subject.encode(), made.body, made.headers()))
            await bare.send(records, producer, topic, 1000)


async def _ours(settings: Settings) -> float:
    service = Service(f"copier{fresh().hex[:8]}", settings)
    copies = service.projection("copies", Copy)

    def copy(event: SubscriptionExpiring, at: Position) -> list[CopyWrite]:
        fields = {"office_ref": event.office_ref, "stage": event.new_stage, "days_left": event.days_left}
        return [copies.put(event.subscription_id, at, fields)]

    routes = Routes()
    routes.latest(SubscriptionExpiring, copy)
    async with run_service(service, Plan(routes, []), "worker"):
        return await _rate(copies.collection)


async def _bare(settings: Settings) -> float:
    name = f"bare{fresh().hex[:8]}"
    copies = bare.database(settings.mongo.get_secret_value(), settings.database(name))["copies"]
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    copying = asyncio.create_task(_copy(settings.kafka, topic, name, copies))
    try:
        return await _rate(copies)
    finally:
        copying.cancel()
        await asyncio.wait({copying})


async def _copy(kafka: str, topic: str, group: str, copies: Collection) -> None:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    async with consumer:
        while True:
            for records in (await consumer.getmany(timeout_ms=500, max_records=1000)).values():
                await copies.bulk_write([_update(dict(one.headers), one.value) for one in records])
                await consumer.commit()


def _update(headers: dict[str, bytes], body: bytes) -> UpdateOne:
    event, sequence = json.loads(body), int(headers["ce_sequence"])
    seen = f"seen.{headers['ce_aggregate'].decode()}"
    fields = {
        "office_ref": event["office_ref"], "stage": event["new_stage"], "days_left": event["days_left"],
    }  # fmt: skip
    newer = {"$or": [{seen: {"$exists": False}}, {seen: {"$lt": sequence}}]}
    change = {"$set": fields | {seen: sequence}}
    return UpdateOne({"_id": event["subscription_id"], **newer}, change, upsert=True)


async def _rate(copies: Collection) -> float:
    """Events per second from the first look that finds some to the one that finds all."""
    began = first = 0.0
    while (written := await _written(copies)) < EACH * SUBSCRIPTIONS:
        if written and not first:
            began, first = time.perf_counter(), written
        await asyncio.sleep(0.05)
    return (written - first) / (time.perf_counter() - began)


async def _written(copies: Collection) -> int:
    """How many of the events are in the copies: each is as far as its sequence says."""
    total = await copies.aggregate(
        [{"$group": {"_id": None, "n": {"$sum": {"$subtract": [EACH + 1, "$days_left"]}}}}]
    ).to_list(1)
    return int(total[0]["n"]) if total else 0
