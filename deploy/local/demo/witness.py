"""An independent consumer that reads the parts' topics without a group and commits nothing."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from deploy.local.demo.texts import both
from deploy.local.host.background import BackgroundLoop
from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import StallTimer
from shared.messaging.broker import PARTITIONS, KafkaNames
from shared.messaging.connection import KafkaConnection
from shared.messaging.envelope import header

WITHIN_S = 120.0
_POLL_MS = 200
_PAUSE_S = 0.05
_PREFIX, _SUFFIX = "vn.giahan.", ".v1"


@dataclass(frozen=True, slots=True)
class WitnessedEvent:
    """A record as it is in the log. `type` is short (`signing.form_signed`), `subject` is a subscription's
    id."""

    topic: str
    partition: int
    offset: int
    id: str
    type: str
    subject: str
    aggregate: str
    sequence: int
    body: dict[str, Any]

    def evidence(self) -> dict[str, Any]:
        return {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "ce_id": self.id,
            "ce_type": f"{_PREFIX}{self.type}{_SUFFIX}",
        }


def _any(body: dict[str, Any]) -> bool:
    return True


class Witness:
    """Sees the events of one subscription after `start`. Its consumer runs on `loop`."""

    def __init__(
        self,
        connection: KafkaConnection,
        names: KafkaNames,
        producers: tuple[str, ...],
        subject: UUID,
        loop: BackgroundLoop,
    ) -> None:
        self._connection = connection
        self._partitions = [TopicPartition(names.topic(p), n) for p in producers for n in range(PARTITIONS)]
        self._subject = str(subject)
        self._loop = loop
        self.seen: list[WitnessedEvent] = []
        self._read = 0

    def start(self) -> None:
        self._consumer = self._loop.run(self._open(), WITHIN_S)

    def close(self) -> None:
        self._loop.run(self._consumer.stop(), WITHIN_S)

    def await_event(self, event_type: str, fits: Callable[[dict[str, Any]], bool] = _any) -> WitnessedEvent:
        """The first record of that type whose body fits, already read or still to come.
        Raises StackProblem."""
        timer = StallTimer(WITHIN_S)
        while (found := self.find(event_type, fits)) is None:
            if timer.is_over(self._read):
                raise StackProblem(
                    *both("check.nothing_new_for", seconds=WITHIN_S, event_type=event_type),
                )
            time.sleep(_PAUSE_S)
            self.look()
        return found

    def find(self, event_type: str, fits: Callable[[dict[str, Any]], bool] = _any) -> WitnessedEvent | None:
        """The first record of that type whose body fits, among those already read."""
        return next((seen for seen in self.seen if seen.type == event_type and fits(seen.body)), None)

    def look(self) -> None:
        """Read the records that came since the last call."""
        self._loop.run(self._take(), WITHIN_S)

    def read_again(self, record: WitnessedEvent) -> WitnessedEvent:
        """Fetch the record at that place again, with a new consumer."""
        place = TopicPartition(record.topic, record.partition)
        return self._loop.run(self._fetch(place, record.offset), WITHIN_S)

    async def _open(self) -> AIOKafkaConsumer:
        consumer = self._reader()
        await consumer.start()
        consumer.assign(self._partitions)
        await consumer.seek_to_end(*self._partitions)
        return consumer

    def _reader(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **self._connection.client(),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=50,  # the broker answers nothing else on this connection meanwhile
        )

    async def _take(self) -> None:
        """Read up to the current end of every partition."""
        ends = await self._consumer.end_offsets(self._partitions)
        while any([await self._consumer.position(partition) < end for partition, end in ends.items()]):
            found = await self._consumer.getmany(timeout_ms=_POLL_MS)
            records = [record for batch in found.values() for record in batch]
            self._read += len(records)
            self.seen += [_event(record) for record in records if _subject(record) == self._subject]

    async def _fetch(self, partition: TopicPartition, offset: int) -> WitnessedEvent:
        reader = self._reader()
        async with reader:
            reader.assign([partition])
            reader.seek(partition, offset)
            return _event(await reader.getone())


def _subject(record: ConsumerRecord) -> str:
    return header(record.headers, "ce_subject") or ""


def _body(record: ConsumerRecord) -> dict[str, Any]:
    """The JSON body; empty if it is not an object, because anybody with write access may write anything."""
    try:
        body = json.loads(record.value)
    except (TypeError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def _event(record: ConsumerRecord) -> WitnessedEvent:
    def attribute(name: str) -> str:
        return header(record.headers, name) or ""

    return WitnessedEvent(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        id=attribute("ce_id"),
        type=attribute("ce_type").removeprefix(_PREFIX).removesuffix(_SUFFIX),
        subject=_subject(record),
        aggregate=attribute("ce_aggregate"),
        sequence=int(number) if (number := attribute("ce_sequence")).isdecimal() else 0,
        body=_body(record),
    )
