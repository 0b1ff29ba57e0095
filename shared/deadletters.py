"""Records that no retry will mend, kept whole with the reason, for people to look at and redrive."""

import asyncio

import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord

log = structlog.get_logger()

_REASON_BYTES = 1000
_SEND_SECONDS = 10.0


class DeadLetters:
    """Publishes to `topic` and waits for the broker's word; the caller commits only after that."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    async def put(self, record: ConsumerRecord, reason: str) -> None:
        """Dies before: the record is delivered again. Dies after: it is dead-lettered twice, under
        the same source position, which a redrive recognises.

        Raises KafkaError or TimeoutError when the broker did not confirm.
        """
        headers = [
            *record.headers,
            ("dead_reason", reason.encode()[:_REASON_BYTES]),
            ("dead_topic", record.topic.encode()),
            ("dead_partition", str(record.partition).encode()),
            ("dead_offset", str(record.offset).encode()),
        ]
        sent = await self._producer.send(self._topic, record.value, key=record.key, headers=headers)
        async with asyncio.timeout(_SEND_SECONDS):
            await asyncio.shield(sent)
        log.error(
            "consumer.dead_letter", reason=reason, topic=record.topic, partition=record.partition,
            offset=record.offset,
        )  # fmt: skip
