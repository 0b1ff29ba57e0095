"""The table for platforms keeps the newest decision about each subscription, whatever
else the topic holds."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.consumer import fetcher
from aiokafka.record.memory_records import MemoryRecords

from deploy.local.host.ports import free_port
from docs.examples import access_table
from docs.examples.access_table import EVERYTHING, KEEP, AccessTable
from shared.events.base import Capability, Stage
from shared.events.subscription import AccessDecided, AccessLocked, Step
from shared.ids import derived
from shared.messaging.broker import KafkaNames, ensure_topics, relay_producer
from shared.messaging.connection import KafkaConnection
from shared.messaging.consumption.record_batches import TolerantRecords
from tests.support.clock import FixedClock
from tests.support.service_process import until
from tests.support.topic import Raw, publish, raw
from tests.support.unreadable import publish_unreadable

MIDNIGHT = datetime(2026, 12, 31, 17, tzinfo=UTC)  # in Hà Nội
NOON = MIDNIGHT - timedelta(hours=12)
READ, ALL = (Capability.READ,), tuple(Capability)
LOCK = Step(starts_at=MIDNIGHT, stage=Stage.LOCKED, access=())


def decided(office: str, sequence: int, access: tuple[Capability, ...], *steps: Step) -> Raw:
    subscription = derived("subscription", office, "qlts")
    event = AccessDecided(
        subscription_id=subscription,
        office_ref=office,
        product_code="qlts",
        effective_on=date(2026, 12, 31),
        occurred_at=NOON,
        recorded_at=NOON,
        stage=Stage.EXPIRING,
        access=access,
        expires_on=date(2026, 12, 31),
        steps=steps,
    )
    return replace(raw(event, sequence=sequence), key=str(subscription).encode())


def changed(record: Raw, **changes: Any) -> Raw:
    return replace(record, value=json.dumps({**json.loads(record.value or b""), **changes}).encode())


@pytest_asyncio.fixture(loop_scope="session")
async def topic(kafka: str, namespace: str) -> str:
    name = KafkaNames(namespace).compacted("subscription", "access")
    await ensure_topics(KafkaConnection(kafka), [], [], [name], replication=1)
    return name


@asynccontextmanager
async def following(kafka: str, topic: str) -> AsyncIterator[AccessTable]:
    table = AccessTable(FixedClock(NOON).now)
    reading = asyncio.create_task(table.follow(kafka, topic))
    try:
        async with asyncio.timeout(30):
            await table.ready.wait()
        yield table
    finally:
        reading.cancel()
        await asyncio.wait([reading])


def access(table: AccessTable, office: str = "A", now: datetime = NOON) -> str:
    return " ".join(sorted(table.access(office, "qlts", now)))


async def test_highest_sequence_stays_in_whatever_order_they_come(kafka: str, topic: str) -> None:
    await publish(kafka, topic, decided("A", 9, READ), decided("A", 10, ()), decided("A", 2, ALL))
    await publish(kafka, topic, decided("B", 1, ()), replace(decided("B", 3, READ), partition=5))
    async with following(kafka, topic) as table:
        assert access(table, "A") == ""
        assert access(table, "B") == "read"


async def test_steps_turn_the_table_at_midnight_by_themselves(kafka: str, topic: str) -> None:
    back = Step(starts_at=MIDNIGHT + timedelta(days=2), stage=Stage.ACTIVE, access=READ)
    await publish(kafka, topic, decided("A", 1, ALL, back, LOCK))
    async with following(kafka, topic) as table:
        assert table.access("A", "qlts", MIDNIGHT - timedelta(microseconds=1)) == EVERYTHING
        assert access(table, now=MIDNIGHT) == ""
        assert access(table, now=MIDNIGHT + timedelta(days=2)) == "read"


async def test_newer_decision_arrives_while_following(kafka: str, topic: str) -> None:
    await publish(kafka, topic, decided("A", 1, ()))
    async with following(kafka, topic) as table:
        assert access(table) == ""
        await publish(kafka, topic, decided("A", 2, READ))

        async def newer() -> bool:
            return access(table) == "read"

        await until(newer, "the newer decision")


async def test_unknown_office_and_other_product_may_do_everything_and_are_reported(
    kafka: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(kafka, topic, decided("A", 1, ()))
    async with following(kafka, topic) as table:
        assert table.access("B", "qlts", NOON) == EVERYTHING
        assert table.access("A", "kt", NOON) == EVERYTHING
    ours = [record.message for record in caplog.records if record.name == access_table.log.name]
    assert [message.split("about ")[1] for message in ours] == ["B, qlts", "A, kt"]


async def test_tombstone_removes(kafka: str, topic: str) -> None:
    record = decided("A", 5, ())
    await publish(kafka, topic, record, Raw(None, [], record.key), decided("B", 1, ()))
    async with following(kafka, topic) as table:
        assert table.access("A", "qlts", NOON) == EVERYTHING
        assert access(table, "B") == ""


GOOD, WORSE = decided("A", 5, READ), decided("A", 6, ())
BAD: dict[str, Raw] = {
    "empty": replace(WORSE, value=b""),
    "no_json": replace(WORSE, value=b"{"),
    "not_utf8": replace(WORSE, value=b"\xff\xfe"),
    "null": replace(WORSE, value=b"null"),
    "list": replace(WORSE, value=b"[]"),
    "too_deep": replace(WORSE, value=b"[" * 200_000),
    "access_missing": replace(WORSE, value=b'{"office_ref": "A", "product_code": "qlts", "steps": []}'),
    "access_text": changed(WORSE, access=""),
    "access_null": changed(WORSE, access=None),
    "steps_null": changed(WORSE, steps=None),
    "step_without_zone": changed(WORSE, steps=[{"starts_at": "2026-01-01T00:00:00", "access": []}]),
    "step_no_instant": changed(WORSE, steps=[{"starts_at": "tomorrow", "access": []}]),
    "no_headers": replace(WORSE, headers=[]),
    "no_sequence": replace(WORSE, headers=[h for h in WORSE.headers if h[0] != "ce_sequence"]),
    "sequence_null": WORSE.with_header("ce_sequence", None),
    "sequence_text": WORSE.with_header("ce_sequence", b"many"),
    "type_unknown": WORSE.with_header("ce_type", b"vn.giahan.subscription.access_decided.v2"),
    "type_null": WORSE.with_header("ce_type", None),
    "type_not_utf8": WORSE.with_header("ce_type", b"\xff"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_bad_record_is_left_out(kafka: str, topic: str, bad: Raw) -> None:
    await publish(kafka, topic, GOOD, bad, decided("B", 1, ()))
    async with following(kafka, topic) as table:
        assert access(table, "A") == "read"
        assert access(table, "B") == ""


async def test_record_without_key_and_foreign_event_are_left_out(kafka: str, topic: str) -> None:
    locked = AccessLocked(
        subscription_id=derived("subscription", "A", "qlts"),
        office_ref="A",
        product_code="qlts",
        effective_on=date(2027, 1, 1),
        occurred_at=NOON,
        recorded_at=NOON,
        old_stage=Stage.EXPIRING,
        new_stage=Stage.LOCKED,
        access=(),
        days_overdue=1,
        expires_on=date(2026, 12, 31),
        terminates_on=date(2027, 3, 1),
    )
    await publish(kafka, topic, GOOD, replace(raw(locked, sequence=9), key=GOOD.key))
    async with following(kafka, topic) as table:
        assert access(table) == "read"


async def test_what_a_bad_record_holds_is_not_logged(
    kafka: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(kafka, topic, changed(GOOD, access="Nguyễn Văn A"))
    async with following(kafka, topic):
        assert f"record {topic}/0@0 is left out: ValueError" in caplog.messages
        assert "Nguyễn" not in caplog.text


@pytest.fixture
def plain_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka as a platform has it, without the classes that our record_batches replace."""
    monkeypatch.setattr(fetcher, "MemoryRecords", MemoryRecords)
    monkeypatch.setattr(fetcher, "PartitionRecords", TolerantRecords.__base__)


async def test_records_that_even_the_library_cant_read_are_passed_over(
    kafka: str, topic: str, plain_library: None
) -> None:
    await publish(kafka, topic, decided("C", 1, ()), decided("D", 1, READ), decided("A", 1, ()))
    await publish_unreadable(kafka, topic)
    await publish_unreadable(kafka, topic)
    await publish(kafka, topic, decided("A", 2, READ), replace(decided("B", 1, ()), partition=3))
    async with following(kafka, topic) as table:
        assert access(table, "A") == "read"
        assert access(table, "B") == ""
        assert access(table, "C") == ""
        assert access(table, "D") == "read"


async def test_aborted_transaction_counts_for_nothing(kafka: str, topic: str, namespace: str) -> None:
    await publish(kafka, topic, GOOD)
    async with relay_producer(KafkaConnection(kafka), f"{namespace}.relay") as producer:
        await producer.begin_transaction()
        await _send(producer, topic, WORSE)
        await producer.abort_transaction()
        async with producer.transaction():
            await _send(producer, topic, decided("B", 1, ()))
    async with following(kafka, topic) as table:
        assert access(table, "A") == "read"
        assert access(table, "B") == ""


async def _send(producer: AIOKafkaProducer, topic: str, record: Raw) -> None:
    sending = await producer.send(topic, record.value, key=record.key, partition=0, headers=record.headers)
    await sending


async def test_table_not_yet_read_and_table_not_read_for_seven_days_allow_everything(
    kafka: str, topic: str
) -> None:
    assert AccessTable(FixedClock(NOON).now).access("A", "qlts", NOON) == EVERYTHING
    await publish(kafka, topic, decided("A", 1, ()))
    async with following(kafka, topic) as table:
        assert access(table, now=NOON + KEEP) == ""
        assert table.access("A", "qlts", NOON + KEEP + timedelta(seconds=1)) == EVERYTHING


async def test_kafka_that_is_away_is_tried_again(
    kafka: str, topic: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(access_table, "RETRY_S", 0.05)
    await publish(kafka, topic, decided("A", 1, ()))
    table = AccessTable(FixedClock(NOON).now)
    away = f"127.0.0.1:{free_port()}"
    reading = asyncio.create_task(table.follow(away, topic))

    async def failed() -> bool:
        return sum("the table stays as it is" in message for message in caplog.messages) >= 2

    await until(failed, "two failures in the log")
    reading.cancel()
    await asyncio.wait([reading])
    assert table.access("A", "qlts", NOON) == EVERYTHING


async def test_table_stays_while_it_is_read_again(kafka: str, topic: str) -> None:
    await publish(kafka, topic, decided("A", 1, ()))
    async with following(kafka, topic) as table:
        pass
    again = asyncio.create_task(table.follow(f"127.0.0.1:{free_port()}", topic))
    assert access(table) == ""
    again.cancel()
    await asyncio.wait([again])
    assert access(table) == ""


async def test_topic_that_comes_later_is_read_then(
    kafka: str, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    table = AccessTable(FixedClock(NOON).now)
    reading = asyncio.create_task(table.follow(kafka, f"{namespace}.late"))

    async def missed() -> bool:
        return any("not found in cluster metadata" in message for message in caplog.messages)

    await until(missed, "a look for the topic")
    assert table.access("A", "qlts", NOON) == EVERYTHING
    await ensure_topics(KafkaConnection(kafka), [], [], [f"{namespace}.late"], replication=1)
    await publish(kafka, f"{namespace}.late", decided("A", 1, ()))

    async def read() -> bool:
        return access(table) == ""

    await until(read, "the decision in a topic that came late")
    reading.cancel()
    await asyncio.wait([reading])
