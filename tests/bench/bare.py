"""The baselines: short programs that somebody would write with aiokafka and motor alone.

They do the same durable work on the same documents and records, batch as those libraries' documentation
recommends, and have none of our protections.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from zlib import crc32

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne

from shared.storage.mongo import EPOCH, Collection, Database, Document

Record = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value, headers."""


async def relay(outbox: Collection, producer: AIOKafkaProducer, topic: str, batch: int) -> None:
    """Publish all pending events: find, send in a transaction, pull."""
    while True:
        query = outbox.find({"outbox.at": {"$gt": EPOCH}}, {"outbox": 1}).limit(batch)
        documents = await query.to_list(batch)
        if not documents:
            return
        async with producer.transaction():
            sent = []
            for document in documents:
                for entry in document["outbox"]:
                    headers = [(name, value) for name, value in entry["headers"]]
                    key = entry["key"].encode()
                    sent.append(await producer.send(topic, entry["body"], key=key, headers=headers))
            await asyncio.gather(*sent)
        pulls = []
        for document in documents:
            ids = [entry["id"] for entry in document["outbox"]]
            pulls.append(UpdateOne({"_id": document["_id"]}, {"$pull": {"outbox": {"id": {"$in": ids}}}}))
        await outbox.bulk_write(pulls, ordered=False)


def records(pending: Iterable[Document]) -> list[Record]:
    """What is in the outboxes of these documents."""
    return [
        (entry["key"].encode(), entry["body"], [(name, value) for name, value in entry["headers"]])
        for document in pending
        for entry in document["outbox"]
    ]


async def send(records: Sequence[Record], producer: AIOKafkaProducer, topic: str, batch: int) -> None:
    """Only produce, with `batch` records in flight."""
    for first in range(0, len(records), batch):
        sent = [
            await producer.send(topic, value, key=key, headers=headers)
            for key, value, headers in records[first : first + batch]
        ]
        await asyncio.gather(*sent)


def database(uri: str, name: str) -> Database:
    """A database with the same durability as ours."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        uri, tz_aware=True, w="majority", journal=True, readConcernLevel="majority"
    )
    return client[name]


class Consumer:
    """Find and compare-and-set for each record, with `at_once` workers that share the records by their keys.
    It fetches with our settings, and calls `done` after each record."""

    def __init__(
        self,
        kafka: str,
        topic: str,
        group: str,
        effects: Collection,
        at_once: int,
        done: Callable[[ConsumerRecord], None],
    ) -> None:
        self._consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=kafka,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=250,
        )
        self._effects = effects
        self._settled = done
        self._queues: list[asyncio.Queue[ConsumerRecord]] = [asyncio.Queue(1000) for _ in range(at_once)]
        self._done: dict[TopicPartition, int] = {}

    async def run(self) -> None:
        """Until cancelled."""
        async with self._consumer as consumer, asyncio.TaskGroup() as tasks:
            for queue in self._queues:
                tasks.create_task(self._work(queue))
            tasks.create_task(self._commit())
            while True:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        await self._queues[crc32(record.key) % len(self._queues)].put(record)

    async def _work(self, queue: asyncio.Queue[ConsumerRecord]) -> None:
        while True:
            record = await queue.get()
            await self._handle(record)
            self._done[TopicPartition(record.topic, record.partition)] = record.offset + 1
            self._settled(record)

    async def _commit(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            if self._done:
                await self._consumer.commit(dict(self._done))

    async def _handle(self, record: ConsumerRecord) -> None:
        message = dict(record.headers)["ce_id"].decode()
        id = json.loads(record.value)["subscription_id"]
        while True:
            document = await self._effects.find_one({"_id": id}, {"outbox": 0})
            assert document is not None
            if any(one["id"] == message for one in document["handled"]):
                return
            version = document["version"]
            handled = [*document["handled"], {"id": message, "at": EPOCH}]
            change = {"version": version + 1, "count": document["count"] + 1, "handled": handled}
            result = await self._effects.update_one({"_id": id, "version": version}, {"$set": change})
            if result.matched_count:
                return
