"""Who may do what, kept in memory from the compacted topic `subscription.access`. Needs aiokafka,
and cramjam for records that came compressed.

    table = AccessTable()
    reading = asyncio.create_task(table.follow("kafka:9092", "subscription.access"))
    await table.ready.wait()  # optional: before that everybody may do everything
    ...
    if "write" in table.access(office_ref, "qlts", datetime.now(UTC)): ...

The table turns at midnight by itself: each record also names the steps to come. While Kafka can't be read,
the table holds for KEEP; after that, and for a subscription it doesn't know, everything is allowed and that
is logged. An error never locks anybody out.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaError, UnsupportedCodecError

log = logging.getLogger("giahan.access_table")
EVERYTHING = frozenset({"read", "write", "print", "export"})
KEEP = timedelta(days=7)
TYPE = b"vn.giahan.subscription.access_decided.v1"
FETCH_MS, POLL_S, RETRY_S = 200, 0.5, 5.0
Name = tuple[str, str]
"""Which office and which product."""


class Step(NamedTuple):
    starts_at: datetime
    access: frozenset[str]


class Row(NamedTuple):
    """The newest decision about one subscription: what holds, and what will from the steps on."""

    name: Name
    sequence: int
    access: frozenset[str]
    steps: tuple[Step, ...]

    def in_force(self, now: datetime) -> frozenset[str]:
        begun = [step for step in self.steps if step.starts_at <= now]
        return max(begun, key=lambda step: step.starts_at).access if begun else self.access


def read_row(headers: Mapping[str, bytes], body: bytes) -> Row:
    """Raises (ValueError, KeyError, TypeError …) unless this is a whole AccessDecided."""
    said = json.loads(body)
    steps = [Step(datetime.fromisoformat(s["starts_at"]), _access(s["access"])) for s in said["steps"]]
    if any(step.starts_at.tzinfo is None for step in steps):
        raise ValueError("a step without a time zone")
    name = (str(said["office_ref"]), str(said["product_code"]))
    return Row(name, int(headers["ce_sequence"]), _access(said["access"]), tuple(steps))


def _access(names: object) -> frozenset[str]:
    if not isinstance(names, list):
        raise ValueError("access is not a list")
    return frozenset(str(name) for name in names)


class Rows:
    """By subscription, which is the record's key; the highest sequence stays."""

    def __init__(self) -> None:
        self._rows: dict[bytes, Row] = {}
        self._keys: dict[Name, bytes] = {}

    def get(self, name: Name) -> Row | None:
        row = self._rows.get(self._keys.get(name, b""))
        return row if row and row.name == name else None

    def take(self, record: ConsumerRecord) -> None:
        """Whatever the record holds: what can't be used is logged (never its content) and left out."""
        try:
            self._take(record.key, dict(record.headers), record.value)
        except Exception as error:
            place = f"{record.topic}/{record.partition}@{record.offset}"
            log.warning("record %s is left out: %s", place, type(error).__name__)

    def _take(self, key: bytes | None, headers: Mapping[str, bytes], body: bytes | None) -> None:
        if not key:
            raise ValueError("a record without a key")
        if body is None:  # a tombstone
            self._rows.pop(key, None)
        elif headers.get("ce_type") == TYPE:
            row, before = read_row(headers, body), self._rows.get(key)
            if before is None or row.sequence > before.sequence:
                self._rows[key] = row
                self._keys[row.name] = key


class AccessTable:
    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251 (the only place that asks)
    ) -> None:
        self._now = now
        self._rows = Rows()
        self._read_until: datetime | None = None
        self.ready = asyncio.Event()
        """Everything that stood in the topic at the start has been read."""

    def access(self, office_ref: str, product_code: str, now: datetime) -> frozenset[str]:
        """Some of "read", "write", "print", "export"; the empty set closes the product."""
        row = self._rows.get((office_ref, product_code))
        if row and self._read_until and now - self._read_until <= KEEP:
            return row.in_force(now)
        log.warning("everything is allowed: no decision that holds about %s, %s", office_ref, product_code)
        return EVERYTHING

    async def follow(self, bootstrap: str, topic: str, **client: Any) -> None:
        """Reads until cancelled, and starts over from the beginning after any error. `client`: how to sign
        in, in the words of aiokafka's consumer (`security_protocol`, `sasl_plain_username` …)."""
        while True:
            try:
                await self._follow(bootstrap, topic, client)
            except Exception as error:
                log.warning("%s can't be read: %r; the table stays as it is", topic, error)
            await asyncio.sleep(RETRY_S)

    async def _follow(self, bootstrap: str, topic: str, client: dict[str, Any]) -> None:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap,
            group_id=None,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            enable_auto_commit=False,
            **client,
        )
        try:
            await consumer.start()
            await self._read(consumer, Rows())
        finally:
            await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer, rows: Rows) -> None:
        """`rows` becomes the table once it holds all that stood there when we asked."""
        while True:
            asked, ends = self._now(), await consumer.end_offsets(consumer.assignment())
            for partition, end in ends.items():
                while await consumer.position(partition) < end:
                    for record in await _some(consumer, partition):
                        rows.take(record)
            self._rows, self._read_until = rows, asked
            self.ready.set()
            await asyncio.sleep(POLL_S)


async def _some(consumer: AIOKafkaConsumer, partition: TopicPartition) -> Sequence[ConsumerRecord]:
    """A call that meets a record even the library can't read gives nothing, not even what came before it:
    what came before is taken one by one, and the record is passed over."""
    try:
        return await _taken(consumer, partition, None)
    except Exception as error:
        if not _of_a_record(error):
            raise
    try:
        return await _taken(consumer, partition, 1)
    except Exception as error:
        if not _of_a_record(error):
            raise
        position = await consumer.position(partition)
        log.warning("record %s@%s is left out: %s", partition, position, type(error).__name__)
        consumer.seek(partition, position + 1)
        return ()


def _of_a_record(error: Exception) -> bool:
    """Rather than of the connection: what a codec, a checksum or a header raises."""
    if isinstance(error, KafkaError):
        return isinstance(error, CorruptRecordException | UnsupportedCodecError)
    return not isinstance(error, ConsumerStoppedError)


async def _taken(
    consumer: AIOKafkaConsumer, partition: TopicPartition, at_most: int | None
) -> Sequence[ConsumerRecord]:
    records = await consumer.getmany(partition, timeout_ms=FETCH_MS, max_records=at_most)
    taken: Sequence[ConsumerRecord] = records.get(partition, ())
    return taken
