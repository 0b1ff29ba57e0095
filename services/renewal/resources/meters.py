"""The metric of the oldest grant that isn't settled."""

from dataclasses import dataclass, field

from prometheus_client import Gauge

from services.renewal.stores.resource_ledgers import ResourceLedgers
from shared.observability.metrics import Metrics, Refresh
from shared.time.clock import Clock

_WHAT = "Age of the oldest grant of resources that waits for a confirmation, or for a look at another answer"


@dataclass(frozen=True, slots=True)
class GrantMeter:
    ledgers: ResourceLedgers
    clock: Clock
    oldest: Gauge = field(
        default_factory=lambda: Gauge("giahan_grants_oldest_seconds", _WHAT, ["waits_for"], registry=None)
    )

    def register(self, metrics: Metrics) -> Refresh:
        metrics.registry.register(self.oldest)
        return self.refresh

    async def refresh(self) -> None:
        waiting, looks = await self.ledgers.waiting(1), await self.ledgers.to_look_at(1)
        since = {
            "confirmation": next((ledger.waiting_since for ledger in waiting), None),
            "look": next((ledger.look_since for ledger in looks), None),
        }
        now = self.clock.now()
        for name, moment in since.items():
            self.oldest.labels(name).set((now - moment).total_seconds() if moment else 0)
