"""An access table to copy: it keeps in memory who may do what, from the compacted topic
`subscription.access`. Needs aiokafka, and cramjam for compressed records.

    table = AccessTable()
    reading = asyncio.create_task(table.follow("kafka:9092", "subscription.access"))
    await table.ready.wait()  # optional: before that everybody may do everything
    ...
    if "write" in table.access(office_ref, "qlts", datetime.now(UTC)): ...

Access changes at midnight without a new record, because each record also names the future steps. If Kafka
cannot be read, the table is valid for KEEP. After that, and for an unknown subscription, everything is
allowed and a warning is logged. An error never locks anybody out.
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
"""An office and a product."""


class Step(NamedTuple):
    starts_at: datetime
    access: frozenset[str]


class Row(NamedTuple):
    """The newest decision about one subscription: the access now, and the future steps."""

    name: Name
    sequence: int
    access: frozenset[str]
    steps: tuple[Step, ...]

    def in_force(self, now: datetime) -> frozenset[str]:
        begun = [step for step in self.steps if step.starts_at <= now]
        return max(begun, key=lambda step: step.starts_at).access if begun else self.access


def read_row(headers: Mapping[str, bytes], body: bytes) -> Row:
    """Raises ValueError, KeyError, TypeError … unless this is a complete AccessDecided."""
    content = json.loads(body)
    steps = [Step(datetime.fromisoformat(s["starts_at"]), _access(s["access"])) for s in content["steps"]]
    if any(step.starts_at.tzinfo is None for step in steps):
        raise ValueError("a step without a time zone")
    name = (str(content["office_ref"]), str(content["product_code"]))
    return Row(name, int(headers["ce_sequence"]), _access(content["access"]), tuple(steps))


def _access(names: object) -> frozenset[str]:
    if not isinstance(names, list):
        raise ValueError("access is not a list")
    return frozenset(str(name) for name in names)


class Rows:
    """Rows by subscription, which is the record's key. The highest sequence wins."""

    def __init__(self) -> None:
        self._rows: dict[bytes, Row] = {}
        self._keys: dict[Name, bytes] = {}

    def get(self, name: Name) -> Row | None:
        row = self._rows.get(self._keys.get(name, b""))
        return row if row and row.name == name else None

    def apply(self, record: ConsumerRecord) -> None:
        """Apply any record. An unusable record is skipped and logged, but never its content."""
        try:
            self._apply(record.key, dict(record.headers), record.value)
        except Exception as error:
            place = f"{record.topic}/{record.partition}@{record.offset}"
            log.warning("record %s is left out: %s", place, type(error).__name__)

    def _apply(self, key: bytes | None, headers: Mapping[str, bytes], body: bytes | None) -> None:
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
        """Set once everything that was in the topic at the start has been read."""

    def access(self, office_ref: str, product_code: str, now: datetime) -> frozenset[str]:
        """A subset of "read", "write", "print", "export". The empty set closes the product."""
        row = self._rows.get((office_ref, product_code))
        if row and self._read_until and now - self._read_until <= KEEP:
            return row.in_force(now)
        log.warning("everything is allowed: no decision that holds about %s, %s", office_ref, product_code)
        return EVERYTHING

    async def follow(self, bootstrap: str, topic: str, **client: Any) -> None:
        """Read the topic until cancelled. After any error, start again from the beginning.

        `client`: settings of aiokafka's consumer for signing in (`security_protocol`, `sasl_plain_username`
        …).
        """
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
        """`rows` becomes the table once it holds everything that was in the topic when the end offsets were
        read."""
        while True:
            asked, ends = self._now(), await consumer.end_offsets(consumer.assignment())
            for partition, end in ends.items():
                while await consumer.position(partition) < end:
                    for record in await _fetch(consumer, partition):
                        rows.apply(record)
            self._rows, self._read_until = rows, asked
            self.ready.set()
            await asyncio.sleep(POLL_S)


async def _fetch(consumer: AIOKafkaConsumer, partition: TopicPartition) -> Sequence[ConsumerRecord]:
    """Fetch records; skip a record that the library itself cannot read.

    A call that meets such a record returns nothing, not even the records before it. So those are then fetched
    one by one.
    """
    try:
        return await _get_records(consumer, partition, None)
    except Exception as error:
        if not _is_record_error(error):
            raise
    try:
        return await _get_records(consumer, partition, 1)
    except Exception as error:
        if not _is_record_error(error):
            raise
        position = await consumer.position(partition)
        log.warning("record %s@%s is left out: %s", partition, position, type(error).__name__)
        consumer.seek(partition, position + 1)
        return ()


def _is_record_error(error: Exception) -> bool:
    """Whether a record caused the error (codec, checksum, header), not the connection."""
    if isinstance(error, KafkaError):
        return isinstance(error, CorruptRecordException | UnsupportedCodecError)
    return not isinstance(error, ConsumerStoppedError)


async def _get_records(
    consumer: AIOKafkaConsumer, partition: TopicPartition, at_most: int | None
) -> Sequence[ConsumerRecord]:
    records = await consumer.getmany(partition, timeout_ms=FETCH_MS, max_records=at_most)
    taken: Sequence[ConsumerRecord] = records.get(partition, ())
    return taken
