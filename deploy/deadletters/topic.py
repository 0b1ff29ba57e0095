"""Reads a dead-letter topic without a consumer group, so no group's offsets move."""

import argparse
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.messaging.broker import STOP_SECONDS
from shared.messaging.connection import KafkaConnection
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.envelope import BadRecord
from shared.resilience.timeouts import with_timeout
from shared.time.clock import SystemClock

_READ_MS = 500
_CONNECT_SECONDS = 15.0
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class LetterSelection:
    """Filters for dead letters. An empty filter matches everything.

    `topic`, `type` and `died_of` match any part of the text and ignore case; `place` and `subject` must match
    completely.
    """

    place: str | None = None
    topic: str = ""
    type: str = ""
    subject: str = ""
    died_of: str = ""

    def takes(self, letter: DeadLetter) -> bool:
        return (
            self.place in (None, letter.position)
            and self.subject in ("", letter.subject)
            and self.topic.lower() in letter.topic.lower()
            and self.type.lower() in letter.type.lower()
            and self.died_of.lower() in letter.reason.lower()
        )


def place(text: str) -> str:
    """Check a TOPIC/PARTITION/OFFSET argument of the command line."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+/\d+/\d+", text):
        raise argparse.ArgumentTypeError("TOPIC/PARTITION/OFFSET, as `list` prints it")
    return text


def since(text: str) -> datetime:
    """Parse an ISO time (UTC if it has no zone), or an age: 90m, 12h, 7d."""
    if ago := re.fullmatch(r"(\d{1,5})([mhd])", text):
        return SystemClock().now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("90m, 12h, 7d or a time such as 2026-11-25T03:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


async def letters(
    connection: KafkaConnection, topic: str, since: datetime | None = None
) -> AsyncGenerator[DeadLetter, None]:
    """The dead letters that are in the topic now; none if the topic does not exist.

    They come in order within each partition, so those of one subscription come in the order of their source.
    Records that are not dead letters are skipped. Raises KafkaError or TimeoutError if the broker does not
    answer.
    """
    partitions = await with_timeout(_CONNECT_SECONDS, _partitions(connection, topic))
    if not partitions:
        return
    consumer = AIOKafkaConsumer(**connection.client(), enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        await with_timeout(_CONNECT_SECONDS, consumer.start())
        consumer.assign(partitions)
        ends = await with_timeout(_CONNECT_SECONDS, consumer.end_offsets(partitions))
        await with_timeout(_CONNECT_SECONDS, _go_to(consumer, partitions, ends, since))
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            for records in (await consumer.getmany(timeout_ms=_READ_MS)).values():
                for record in records:
                    if record.offset < ends[TopicPartition(record.topic, record.partition)]:
                        try:
                            yield DeadLetter.read(record)
                        except BadRecord:
                            continue
    finally:
        await with_timeout(STOP_SECONDS, consumer.stop())


async def _partitions(connection: KafkaConnection, topic: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(**connection.client())
    try:
        await admin.start()
        if topic not in await admin.list_topics():
            return []
        (described,) = await admin.describe_topics([topic])
        return [TopicPartition(topic, one["partition"]) for one in described["partitions"]]
    finally:
        await admin.close()


async def _go_to(
    consumer: AIOKafkaConsumer,
    partitions: list[TopicPartition],
    ends: dict[TopicPartition, int],
    since: datetime | None,
) -> None:
    if since is None:
        await consumer.seek_to_beginning(*partitions)
        return
    asked = dict.fromkeys(partitions, int(since.timestamp() * 1000))
    for partition, found in (await consumer.offsets_for_times(asked)).items():
        consumer.seek(partition, found.offset if found else ends[partition])
