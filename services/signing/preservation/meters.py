"""Metrics of the files whose proof ages."""

from collections import Counter
from dataclasses import dataclass, field

from prometheus_client import Gauge

from services.signing.preservation.files import PreservedFiles
from shared.observability.metrics import Metrics, Refresh


@dataclass(frozen=True, slots=True)
class PreservationMeter:
    files: PreservedFiles
    due: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_preservation_due", "Signed files whose next version is due", registry=None
        )
    )
    failed: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_preservation_failed",
            "Signed files whose next version could not be made, by reason",
            ["reason"],
            registry=None,
        )
    )

    unreported: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_reports_missing",
            "Signed files whose validation report is to be made",
            registry=None,
        )
    )
    unreportable: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_reports_failed",
            "Signed files whose validation report could not be made, by reason",
            ["reason"],
            registry=None,
        )
    )

    def register(self, metrics: Metrics) -> Refresh:
        for gauge in (self.due, self.failed, self.unreported, self.unreportable):
            metrics.registry.register(gauge)
        return self._refresh

    async def _refresh(self) -> None:
        self.due.set(await self.files.count_due())
        self.unreported.set(await self.files.count_unreported())
        self._set(self.failed, await self.files.count_failed())
        self._set(self.unreportable, await self.files.count_report_failed())

    def _set(self, gauge: Gauge, counts: Counter[str]) -> None:
        gauge.clear()
        for reason, count in counts.items():
            gauge.labels(reason).set(count)
