"""A group lags exactly if a record waits for it; transaction markers are no records."""

from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.clock.lag import LagMeter
from shared.messaging import broker
from shared.messaging.broker import KafkaNames
from shared.messaging.connection import KafkaConnection
from tests.support.service_process import until

GONE = "gone"


@pytest.fixture
async def topic(kafka: str, namespace: str) -> str:
    names = KafkaNames(namespace)
    await broker.ensure_topics(
        KafkaConnection(kafka), [names.topic("a")], [names.dead("a"), names.dead(GONE)], replication=1
    )
    return names.topic("a")


@pytest.fixture
async def consumer(kafka: str, namespace: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka, group_id=KafkaNames(namespace).group("a"), enable_auto_commit=False,
        auto_offset_reset="earliest", isolation_level="read_committed",
    )  # fmt: skip
    async with consumer:
        await consumer.getmany(timeout_ms=100)
        yield consumer


@pytest.fixture
async def producer(kafka: str, namespace: str) -> AsyncIterator[AIOKafkaProducer]:
    async with broker.relay_producer(
        KafkaConnection(kafka), KafkaNames(namespace).transactional_id("a")
    ) as producer:
        yield producer


@pytest.fixture
async def meter(kafka: str, namespace: str, topic: str) -> AsyncIterator[LagMeter]:
    names = KafkaNames(namespace)
    meter = LagMeter(KafkaConnection(kafka), {names.group(name): names.dead(name) for name in ("a", GONE)})
    await meter.start()
    yield meter
    await meter.close()


async def send(producer: AIOKafkaProducer, topic: str) -> None:
    async with producer.transaction():
        await producer.send(topic, b"{}", key=b"one")


async def settle(consumer: AIOKafkaConsumer) -> None:
    """Take one record and commit up to it, not past the marker behind it."""
    record = await consumer.getone()
    await consumer.commit({TopicPartition(record.topic, record.partition): record.offset + 1})


async def test_a_record_is_lag_until_it_is_settled_and_its_marker_never(
    meter: LagMeter, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, topic: str, namespace: str
) -> None:
    group = KafkaNames(namespace).group("a")
    assert (await meter.read()).behind[group] == 0
    for _ in range(2):
        await send(producer, topic)
        assert (await meter.read()).behind[group] == 1
        await settle(consumer)
        lag = await meter.read()
        assert lag.behind[group] == 0
        assert sum(lag.ends.values()) > 0


async def test_an_aborted_transaction_is_no_lag(
    meter: LagMeter, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, topic: str, namespace: str
) -> None:
    await producer.begin_transaction()
    await producer.send_and_wait(topic, b"{}", key=b"one")
    assert (await meter.read()).behind[KafkaNames(namespace).group("a")] == 1
    await producer.abort_transaction()

    async def level() -> bool:
        return (await meter.read()).behind[KafkaNames(namespace).group("a")] == 0

    await until(level, "nothing to read once the abort is written")


async def test_a_group_without_members_is_absent(
    meter: LagMeter, consumer: AIOKafkaConsumer, namespace: str
) -> None:
    assert (await meter.read()).absent == (KafkaNames(namespace).group(GONE),)


async def test_dead_letters_are_counted(
    meter: LagMeter, consumer: AIOKafkaConsumer, kafka: str, namespace: str
) -> None:
    async with broker.dead_letter_producer(KafkaConnection(kafka)) as producer:
        await producer.send_and_wait(KafkaNames(namespace).dead("a"), b"bad")
    assert (await meter.read()).dead == 1
