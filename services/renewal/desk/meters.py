"""Metrics of what waits for a second person of the desk."""

from dataclasses import dataclass, field

from prometheus_client import Gauge

from services.renewal.stores.void_proposals import VoidProposals
from shared.observability.metrics import Metrics, Refresh


@dataclass(frozen=True, slots=True)
class VoidProposalMeter:
    proposals: VoidProposals
    waiting: Gauge = field(
        default_factory=lambda: Gauge(
            "giahan_void_proposals_waiting",
            "Contracts in force that somebody proposed to void, and that wait for a second person",
            registry=None,
        )
    )

    def register(self, metrics: Metrics) -> Refresh:
        metrics.registry.register(self.waiting)
        return self._refresh

    async def _refresh(self) -> None:
        self.waiting.set(await self.proposals.count())
