"""Metrics of the mail: sent, waiting and bounced letters, and whether all mail waits for the relay."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client import Gauge
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.notifier.domain.notice import Wait
from services.notifier.email.queue import MailQueue
from services.notifier.email.service import DeliveryService
from shared.observability.metrics import Metrics, Refresh
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True, eq=False)
class DeliveryCollector(Collector):
    """The counts of this process. The kind of a refusal is the server's code, never the server's own text."""

    delivery: DeliveryService

    def collect(self) -> Iterable[Metric]:
        sent = CounterMetricFamily("giahan_mail_sent", "Letters that the relay took", labels=["reason"])
        for reason, count in self.delivery.sent.items():
            sent.add_metric([reason], count)
        bounced = CounterMetricFamily("giahan_mail_bounced", "Letters given to the desk", labels=["kind"])
        for kind, count in self.delivery.bounced.items():
            bounced.add_metric([kind], count)
        held = GaugeMetricFamily("giahan_mail_held", "1 while all mail waits", labels=["cause"])
        if cause := self.delivery.relay.cause:
            held.add_metric([cause], 1)
        unreadable = GaugeMetricFamily("giahan_mail_unreadable", "Due notices that this process can't read")
        unreadable.add_metric([], len(self.delivery.unreadable))
        yield from (sent, bounced, held, unreadable)


@dataclass(frozen=True, slots=True)
class WaitingMailMeter:
    queue: MailQueue
    delivery: DeliveryService
    clock: Clock
    count: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_mail_waiting", "Letters to be sent, by what they wait for", ["cause"], registry=None
        )
    )
    oldest: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_mail_oldest_waiting_seconds", "Since the first of them was recorded", registry=None
        )
    )
    expected: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_mail_expected_seconds", "Until those that wait for their turn are sent", registry=None
        )
    )

    def register(self, metrics: Metrics) -> Refresh:
        for collector in (self.count, self.oldest, self.expected, DeliveryCollector(self.delivery)):
            metrics.registry.register(collector)
        return self.refresh

    async def refresh(self) -> None:
        waiting, now = dict(await self.queue.waiting()), self.clock.now()
        self.expected.set(self.queue.expected(waiting).total_seconds())
        if self.delivery.relay.cause and Wait.TURN in waiting:
            count, oldest = waiting.pop(Wait.TURN)
            more, older = waiting.get(Wait.RELAY, (0, oldest))
            waiting[Wait.RELAY] = (count + more, min(oldest, older))
        for cause in Wait:
            self.count.labels(cause).set(waiting.get(cause, (0, now))[0])
        first = min((oldest for _, oldest in waiting.values()), default=now)
        self.oldest.set((now - first).total_seconds())
