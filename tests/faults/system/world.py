"""A whole system in this process on real Kafka and MongoDB: what all its members share."""

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from services.subscription.policies import load_policies
from shared import ids
from shared.background.heartbeat import Heartbeat
from shared.background.lease import Hear, Lease, ignore_calls
from shared.messaging.relay import Relay
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import State
from shared.storage.mongo import IndexModel
from shared.storage.store import Store
from shared.time.clock import SystemClock
from tests.faults.history import HistoryRecorder
from tests.faults.system.clocks import SkewedClock, TrueClock
from tests.faults.system.components import Components
from tests.faults.system.recording_parts import Interference, no_interference

S = TypeVar("S", bound=State)
START = datetime(2026, 12, 26, 5, tzinfo=UTC)
"""Noon in Hà Nội, so that a run of some minutes crosses no midnight by itself."""
POLICIES = load_policies()
_REAL = SystemClock()


@dataclass(slots=True)
class World:
    """`share_leases`: members of one service share its leases, as in production. Otherwise each one leads."""

    settings: Settings
    recorder: HistoryRecorder
    parts: Components = field(default_factory=Components)
    interfere: Interference = no_interference
    truth: TrueClock = field(default_factory=lambda: TrueClock(START))
    share_leases: bool = True
    dead_refusals: int = 0
    """How many more producers of dead letters cannot be started."""
    services: list[Service] = field(default_factory=list)


class SimulatedService(Service):
    """A service with the world's stores and relay, on a machine with its own clock."""

    def __init__(self, name: str, world: World, skew: timedelta, snapshots: tuple[str, ...] = ()) -> None:
        super().__init__(name, world.settings, snapshots=snapshots, real=SkewedClock(_REAL, skew))
        self.world = world
        self.clock = SkewedClock(world.truth, skew)
        self.holder = f"{name}-{ids.fresh().hex[:8]}"
        world.services.append(self)

    def store(self, collection: str, model: type[S], *indexes: IndexModel, audited: bool = False) -> Store[S]:
        """Never audited: here the journal is compared with the log."""
        super().store(collection, model, *indexes)
        return self.world.parts.store(
            self.database[collection],
            model,
            source=self.name,
            clock=self.clock,
            wakes=self.wakes,
            truth=self.world.truth,
        )

    def lease(self, name: str, hear: Hear = ignore_calls) -> Lease:
        whose = name if self.world.share_leases else f"{name}-{self.holder}"
        return Lease(self.leases, whose, self.holder, hear)

    def relay(self, heartbeat: Heartbeat) -> Relay:
        made = super().relay(heartbeat)
        return self.world.parts.relay(**{part.name: getattr(made, part.name) for part in fields(made)})
