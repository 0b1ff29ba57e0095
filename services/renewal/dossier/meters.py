"""Metrics of the deletions that wait for somebody."""

from dataclasses import dataclass, field

from prometheus_client import Gauge

from services.renewal.dossier.retention import RetentionState
from services.renewal.stores.retained_renewals import RetainedRenewals
from shared.observability.metrics import Metrics, Refresh

_WAITING = (RetentionState.PROPOSED, RetentionState.UNFINISHED)


@dataclass(frozen=True, slots=True)
class RetentionMeter:
    retained: RetainedRenewals
    waiting: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_dossier_deletions_waiting",
            "Deletions of dossiers that wait for a second person, or whose bytes aren't all gone",
            ["state"],
            registry=None,
        )
    )

    def register(self, metrics: Metrics) -> Refresh:
        metrics.registry.register(self.waiting)
        return self._refresh

    async def _refresh(self) -> None:
        for state in _WAITING:
            self.waiting.labels(state.value).set(await self.retained.count(state.value))
