"""Metrics that are read when Prometheus scrapes: loops, partition queues, waiting events and messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiokafka import TopicPartition
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.background.heartbeat import Heartbeat
from shared.messaging.consumption.partition_queue import PartitionQueue
from shared.messaging.parked import Parked
from shared.messaging.unpublished import UnpublishedEvents
from shared.observability.metrics import Metrics
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True, eq=False)
class HeartbeatMetrics(Collector):
    heartbeats: Sequence[Heartbeat]

    def collect(self) -> Iterable[Metric]:
        ages = GaugeMetricFamily(
            "giahan_loop_age_seconds", "Time since the loop's last heartbeat", labels=["loop"]
        )
        for heartbeat in self.heartbeats:
            ages.add_metric([heartbeat.name], heartbeat.age())
        yield ages


class ConsumerState(Protocol):
    """The part of the consumer that the metrics read."""

    @property
    def queues(self) -> Mapping[TopicPartition, PartitionQueue]: ...

    def behind(self, partition: TopicPartition) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class PartitionMetrics(Collector):
    """Metrics of each partition that this process reads. `real` is the clock of the records' timestamps."""

    consuming: ConsumerState
    real: Clock

    def collect(self) -> Iterable[Metric]:
        labels = ("topic", "partition")
        behind = GaugeMetricFamily("giahan_consumer_lag_records", "Offsets not handled yet", labels=labels)
        oldest = GaugeMetricFamily(
            "giahan_consumer_oldest_seconds", "Age of the oldest record", labels=labels
        )
        in_hand = GaugeMetricFamily(
            "giahan_record_in_hand_seconds", "Time of the present record in its handler", labels=labels
        )
        for partition, queue in self.consuming.queues.items():
            place = (partition.topic, str(partition.partition))
            behind.add_metric(place, self.consuming.behind(partition))
            oldest.add_metric(place, self._age(queue))
            in_hand.add_metric(place, queue.in_hand[1])
        yield from (behind, oldest, in_hand)

    def _age(self, queue: PartitionQueue) -> float:
        if queue.oldest_ms is None:
            return 0.0
        return max(self.real.now().timestamp() - queue.oldest_ms / 1000, 0.0)


class BacklogMetrics:
    """What waits in the database: events that are not published, and parked messages."""

    def __init__(
        self, metrics: Metrics, unpublished: UnpublishedEvents, parked: Parked, clock: Clock
    ) -> None:
        self._unpublished = unpublished
        self._parked = parked
        self._clock = clock
        self._oldest = metrics.gauge(
            "giahan_unpublished_oldest_seconds", "Age of the oldest unpublished event"
        )
        self._count = metrics.gauge("giahan_parked_messages", "Messages that wait for another message")
        self._since = metrics.gauge(
            "giahan_parked_oldest_seconds", "How long the oldest parked message has waited"
        )

    async def refresh(self) -> None:
        self._oldest.set(await self._unpublished.age())
        count, since = await self._parked.waiting()
        self._count.set(count)
        self._since.set((self._clock.now() - since).total_seconds() if since else 0.0)
