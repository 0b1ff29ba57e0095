"""Measures how far each consumer group lags behind the topics it subscribes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient

from deploy.local.clock.groups import subscriptions
from shared.messaging.connection import KafkaConnection

_READ_MS = 100


@dataclass(frozen=True, slots=True)
class Lag:
    """`ends`: the topics' end offsets. `behind`: by group, the number of partitions with an unhandled record.

    Nobody can know the topics of a group without members: it is listed in `absent`. `dead` counts the records
    in the groups' dead-letter topics.
    """

    ends: dict[TopicPartition, int]
    behind: dict[str, int]
    absent: tuple[str, ...]
    dead: int


@dataclass(slots=True)
class LagMeter:
    """Reads only from Kafka. `groups` maps each group to its dead-letter topic.

    A transaction leaves a marker at the end of the log that no consumer sees. So an end offset beyond the
    committed offset is lag only if a record can be read there. A producer's commit also returns before its
    markers are written. Until then the record is in the log but not readable, and that is lag too.
    """

    connection: KafkaConnection
    groups: Mapping[str, str]
    _client: AIOKafkaClient = field(init=False)
    _admin: AIOKafkaAdminClient = field(init=False)
    _reader: AIOKafkaConsumer = field(init=False)
    _stable: AIOKafkaConsumer = field(init=False)
    _raw: AIOKafkaConsumer = field(init=False)
    _clear: dict[TopicPartition, tuple[int, int]] = field(init=False, default_factory=dict)

    async def start(self) -> None:
        self._admin = AIOKafkaAdminClient(**self.connection.client())
        self._client = AIOKafkaClient(**self.connection.client())
        self._reader = self._consumer("read_committed")
        # Not the reader: when it is assigned to some topics it forgets the others' metadata.
        self._stable, self._raw = self._consumer("read_committed"), self._consumer("read_uncommitted")
        await self._client.bootstrap()
        for part in (self._admin, *self._consumers):
            await part.start()

    def _consumer(self, isolation: str) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **self.connection.client(),
            isolation_level=isolation,
            enable_auto_commit=False,
            fetch_max_wait_ms=50,
            retry_backoff_ms=10,  # the consumer sleeps this long once for each new topic
            auto_offset_reset="earliest",
        )

    @property
    def _consumers(self) -> tuple[AIOKafkaConsumer, ...]:
        return self._reader, self._stable, self._raw

    async def close(self) -> None:
        for consumer in self._consumers:
            await consumer.stop()
        await self._admin.close()
        await self._client.close()

    async def read(self) -> Lag:
        topics = await self._subscriptions()
        partitions = await self._partitions({topic for named in topics.values() for topic in named})
        ends: dict[TopicPartition, int] = await self._raw.end_offsets(partitions) if partitions else {}
        readable = await self._stable.end_offsets(partitions) if partitions else {}
        uncommitted = {partition for partition, end in readable.items() if end < ends[partition]}
        committed = {group: await self._committed(group) for group in topics}
        behind = {}
        for group, named in topics.items():
            mine = {p: committed[group].get(p, 0) for p in partitions if p.topic in named}
            behind[group] = len(await self._unsettled(mine, readable) | (uncommitted & mine.keys()))
        dead = await self._stable.end_offsets(await self._partitions(set(self.groups.values())))
        absent = tuple(group for group, named in topics.items() if not named)
        return Lag(ends, behind, absent, sum(dead.values()))

    async def _subscriptions(self) -> dict[str, set[str]]:
        return {
            group: await subscriptions(self._client, await self._admin.find_coordinator(group), group)
            for group in self.groups
        }

    async def _partitions(self, topics: set[str]) -> list[TopicPartition]:
        described = await self._admin.describe_topics(sorted(topics)) if topics else []
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in described
            for partition in topic["partitions"]
        ]

    async def _committed(self, group: str) -> dict[TopicPartition, int]:
        offsets = await self._admin.list_consumer_group_offsets(group)
        return {partition: max(at.offset, 0) for partition, at in offsets.items()}

    async def _unsettled(
        self, positions: dict[TopicPartition, int], ends: dict[TopicPartition, int]
    ) -> set[TopicPartition]:
        """The partitions that have a readable record between the group's position and the end."""
        short = {
            p: at for p, at in positions.items() if at < ends[p] and not self._known_clear(p, at, ends[p])
        }
        if not short:
            return set()
        self._reader.assign(list(short))
        for partition, position in short.items():
            self._reader.seek(partition, position)
        seen: set[TopicPartition] = set()
        while await self._remaining(short, ends, seen):
            seen |= set(await self._reader.getmany(timeout_ms=_READ_MS))
        self._reader.unsubscribe()
        for partition, position in short.items():
            if partition not in seen:
                self._clear[partition] = (position, ends[partition])
        return seen

    def _known_clear(self, partition: TopicPartition, position: int, end: int) -> bool:
        first, last = self._clear.get(partition, (0, -1))
        return first <= position and end == last

    async def _remaining(
        self, short: dict[TopicPartition, int], ends: dict[TopicPartition, int], seen: set[TopicPartition]
    ) -> bool:
        return any([p not in seen and await self._reader.position(p) < ends[p] for p in short])
