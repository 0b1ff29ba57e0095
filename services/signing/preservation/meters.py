"""Metrics of the files whose proof ages."""

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
            "giahan_reports_missing", "Signed files whose validation report isn't published", registry=None
        )
    )

    def register(self, metrics: Metrics) -> Refresh:
        for gauge in (self.due, self.failed, self.unreported):
            metrics.registry.register(gauge)
        return self._refresh

    async def _refresh(self) -> None:
        self.due.set(await self.files.count_due())
        self.unreported.set(await self.files.count_unreported())
        self.failed.clear()
        for reason, count in (await self.files.count_failed()).items():
            self.failed.labels(reason).set(count)
