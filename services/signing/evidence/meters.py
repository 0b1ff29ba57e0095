"""Metrics of what proves signatures: their levels, and who doesn't answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.signing.evidence.source import Authorities
from services.signing.evidence.trust_files import TrustFiles
from shared.observability.metrics import Metrics, Refresh


@dataclass(frozen=True, slots=True, eq=False)
class EvidenceMeter(Collector):
    """The counts of this process."""

    authorities: Authorities
    trust: TrustFiles

    def register(self, metrics: Metrics) -> Refresh:
        metrics.registry.register(self)
        return self._refresh

    async def _refresh(self) -> None:
        """Nothing to read: the counts are in memory."""

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "giahan_trust_broken",
            "1 while a changed file of roots or authorities can't be used, and the one before counts",
            value=float(self.trust.broken),
        )
        yield GaugeMetricFamily(
            "giahan_time_stamps",
            "1 if a time-stamping authority is set; 0: all signatures are B-B",
            value=float(self.authorities.stamps),
        )
        levels = CounterMetricFamily("giahan_signatures", "Signatures by PAdES level", labels=["level"])
        for level, count in self.authorities.levels.items():
            levels.add_metric([level], count)
        failures = CounterMetricFamily(
            "giahan_evidence_failures", "Requests without a usable answer", labels=["kind"]
        )
        for kind, count in self.authorities.failures.items():
            failures.add_metric([kind], count)
        yield from (levels, failures)
