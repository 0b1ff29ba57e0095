"""What stands in a topic, read back by a consumer of its own."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker import PARTITIONS
from shared.envelope import Envelope, read_event
from shared.events import CATALOGUE
from shared.events.base import Event


async def committed(bootstrap: str, topic: str) -> list[tuple[Envelope, Event]]:
    """Every committed event now in `topic`, in order within each partition."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found = []
        while any([await consumer.position(p) < end for p, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [Envelope.parse(record.headers, record.value) for record in records]
        return [(envelope, read_event(CATALOGUE[envelope.type], envelope.body)) for envelope in found]
    finally:
        await consumer.stop()
