"""Regression tests for bugs of the messaging code that the random runs found."""

import asyncio
import multiprocessing
import os
import signal
from typing import Any, cast

from aiokafka import ConsumerRecord, TopicPartition
from typing_extensions import override

from shared.background.heartbeat import Heartbeat
from shared.background.workers import Workers
from shared.messaging.consumption.consumer import Consumer
from shared.messaging.consumption.partition_queue import Window
from shared.messaging.consumption.subscriber import EventBroker
from shared.messaging.consumption.window_handler import WindowHandler

PLACE = TopicPartition("subscription.events", 0)


class _RecordingHandler(WindowHandler):
    """Only notes which records it gets."""

    def __init__(self) -> None:
        self.records: list[ConsumerRecord] = []

    @override
    async def handle(self, window: Window) -> None:
        self.records += window.records


def _record() -> ConsumerRecord:
    return ConsumerRecord(PLACE.topic, PLACE.partition, 0, 0, 0, b"key", b"{}", None, 3, 2, ())


async def test_a_drained_consumer_takes_no_more_records() -> None:
    """Between its drain and its leave, the group may assign partitions to the consumer. Nobody would finish
    records that it took then: they would run while the database is closed, and become dead letters."""
    handler = _RecordingHandler()
    kafka = EventBroker("127.0.0.1:1", apply_types=False, logger=None)
    subscriber = kafka.subscriber(PLACE.topic, group_id="group")
    subscriber.consumer = cast("Any", object())
    consumer = Consumer(kafka, subscriber, handler, Heartbeat("consumer", limit=30))
    await consumer.on_partitions_assigned([PLACE])
    before = consumer._queues[PLACE]
    await consumer.drain()
    await consumer.on_partitions_assigned([PLACE])
    consumer.enqueue([_record()])
    queue = consumer._queues.get(PLACE)
    if queue is not None:
        await asyncio.wait({queue._task}, timeout=1.0)
        queue._task.cancel()
    assert before._task.done()
    assert handler.records == []


async def test_an_idle_worker_that_is_killed_is_replaced() -> None:
    """The system may kill a worker when memory is short. Otherwise every record that needs a worker would
    become a dead letter until somebody restarts the service, which still reports itself ready."""
    others = multiprocessing.active_children()
    workers = Workers(1, limit=30)
    try:
        await workers.warm()
        (idle,) = (child for child in multiprocessing.active_children() if child not in others)
        assert idle.pid is not None
        os.kill(idle.pid, signal.SIGKILL)
        await asyncio.to_thread(idle.join)
        for number in range(3):
            assert await workers.run(_same, number) == number
    finally:
        await workers.close()


def _same(value: int) -> int:
    return value
