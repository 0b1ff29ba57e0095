"""Dead-lettering that fails: no record is skipped, and it works again once the cause is removed."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, OutOfOrderSequenceNumber

from shared.messaging.broker import DEAD_LETTER_BYTES
from shared.messaging.dead_letters.dead_letter import DeadLetter, DeadLetters
from shared.messaging.envelope import BadRecord
from shared.runtime.settings import Settings
from tests.support.counter import expiring
from tests.support.reader import NAME, Reader, run_reader
from tests.support.service_process import until
from tests.support.topic import raw


def _record(offset: int = 7, headers: tuple[tuple[str, bytes | None], ...] = ()) -> Any:
    return ConsumerRecord("a.events", 3, offset, 1000, 0, b"key", b"body", None, 3, 4, headers)


@dataclass
class Broker:
    """Makes producers; those whose number is in `broken` always fail."""

    broken: set[int]
    started: int = 0
    stopped: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)

    @asynccontextmanager
    async def new_producer(self) -> AsyncIterator[Any]:
        self.started += 1
        yield Producer(self, self.started in self.broken)
        self.stopped += 1


@dataclass
class Producer:
    broker: Broker
    broken: bool

    async def send_and_wait(self, topic: str, value: bytes, **more: Any) -> None:
        if self.broken:
            raise OutOfOrderSequenceNumber
        self.broker.sent.append(more)


def _dead_letters(broker: Broker) -> DeadLetters:
    new_producer: Callable[[], AbstractAsyncContextManager[Any]] = broker.new_producer
    return DeadLetters(new_producer, "a.dead")


async def test_producer_is_replaced_after_a_failure() -> None:
    """A failed batch leaves a gap in the sequence numbers, and the broker refuses all later batches."""
    broker = Broker(broken={1})
    dead = _dead_letters(broker)
    with pytest.raises(KafkaError):
        await dead.put(_record(), "why")
    await dead.put(_record(), "why")
    await dead.put(_record(8), "why")
    assert (broker.started, broker.stopped, len(broker.sent)) == (2, 1, 2)
    await dead.aclose()
    assert broker.stopped == 2


async def test_no_producer_starts_without_a_dead_letter() -> None:
    broker = Broker(broken=set())
    await _dead_letters(broker).aclose()
    assert broker.started == 0


async def test_reason_is_cut_between_characters() -> None:
    broker = Broker(broken=set())
    await _dead_letters(broker).put(_record(), "x" + "ế" * 1000)
    ((name, reason), *_) = broker.sent[0]["headers"]
    assert (name, reason.decode()) == ("dead_reason", "x" + "ế" * 333)


async def test_dead_letter_is_read_as_it_was_published() -> None:
    """Also if the record had such headers itself: a dead letter that somebody published again."""
    own = (("dead_offset", b"1"), ("ce_id", b"\xc3\x28"), ("none", None))
    broker = Broker(broken=set())
    await _dead_letters(broker).put(_record(9, own), "why")
    letter = DeadLetter.read(_record(0, tuple(broker.sent[0]["headers"])))
    assert (letter.position, letter.reason, letter.headers) == ("a.events/3/9", "why", own)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("dead_offset", b"1"),),
        (("dead_reason", b"x"), ("dead_topic", b"t"), ("dead_partition", b"one"), ("dead_offset", b"1")),
        (("dead_reason", None), ("dead_topic", b"t"), ("dead_partition", b"1"), ("dead_offset", b"1")),
        (("dead_reason", b"\xc3\x28"), ("dead_topic", b"t"), ("dead_partition", b"1"), ("dead_offset", b"1")),
        (("reason", b"x"), ("dead_topic", b"t"), ("dead_partition", b"1"), ("dead_offset", b"1")),
    ],
)
def test_other_records_are_no_dead_letters(headers: tuple[tuple[str, bytes | None], ...]) -> None:
    with pytest.raises(BadRecord):
        DeadLetter.read(_record(0, headers))


async def _limit(settings: Settings, largest: int) -> None:
    """Set the size of the largest record that the dead-letter topic accepts."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    topic = f"{settings.namespace}.{NAME}.dead"
    configs = {"max.message.bytes": str(largest)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])
    await admin.close()


async def _refuses(settings: Settings) -> bool:
    topic = f"{settings.namespace}.{NAME}.dead"
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        try:
            await producer.send_and_wait(topic, b"x" * 500)
        except KafkaError:
            return True
    return False


async def test_refused_dead_letter_stops_its_partition_until_the_topic_accepts_it(
    settings: Settings,
) -> None:
    """The record is not skipped, and other partitions continue. A producer that was refused once would be
    refused for ever if it had written before: the broker misses a sequence number."""
    async with run_reader(settings) as reader:
        poison = raw(expiring(1), partition=3).with_header("ce_id", b"17")
        await reader.publish(poison, raw(expiring(4), partition=3))
        await reader.until_counted(4)
        await _limit(settings, 100)
        await until(lambda: _refuses(settings), "the topic refuses")
        offset, _ = await reader.publish(poison, raw(expiring(2), partition=3))
        await reader.publish(raw(expiring(3), partition=4))
        await reader.until_counted(3)
        assert await reader.count_of(2) == 0
        assert (await reader.committed(3) or 0) <= offset
        await _limit(settings, DEAD_LETTER_BYTES)
        await reader.until_counted(2)
        await reader.publish(poison, raw(expiring(5), partition=3))
        await reader.until_counted(5)
        assert len(await _dead_of(reader, poison.value)) == 3


async def _dead_of(reader: Reader, value: bytes | None) -> list[ConsumerRecord]:
    return [record for record in await reader.dead() if record.value == value]
