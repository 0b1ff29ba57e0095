"""Whether everything that a moment set off has come to its end, in all services.

Drained: no consumer group is behind, no outbox holds an event, no subscription or notice is due; and
two readings one after the other say so and agree. Parked and dead messages don't hold it up: they are told.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiokafka import TopicPartition

from deploy.local.backlog import Backlog
from deploy.local.lag import LagMeter
from deploy.local.problem import Problem

WITHIN_S = 120.0
_READING_WITHIN_S = 20
_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """`open` says in words what is still to be done."""

    ends: dict[TopicPartition, int]
    open: tuple[str, ...]
    parked: int
    dead: int


class Drain:
    """For synchronous code: asks Kafka on an event loop of its own."""

    def __init__(
        self, meter: LagMeter, backlog: Backlog, now: Callable[[], datetime], runner: asyncio.Runner
    ) -> None:
        self._meter = meter
        self._backlog = backlog
        self._now = now
        self._runner = runner

    def wait(self, within_s: float = WITHIN_S) -> Reading:
        """The second of two equal readings with nothing open. Raises Problem, naming what is open."""
        deadline = time.monotonic() + within_s
        before: Reading | None = None
        while True:
            reading = self.read()
            if not reading.open and reading == before:
                return reading
            if time.monotonic() > deadline:
                raise Problem(
                    f"sau {within_s:.0f} giây vẫn còn việc chưa xong",
                    f"after {within_s:.0f} seconds there is still something open",
                    "\n".join(reading.open) or "số đọc vẫn thay đổi / the readings keep changing",
                )
            before = reading
            time.sleep(_PAUSE_S)

    def read(self) -> Reading:
        lag = self._runner.run(asyncio.wait_for(self._meter.read(), _READING_WITHIN_S))
        behind = [
            f"{group}: {n} phân vùng chưa đọc hết / partitions behind" for group, n in lag.behind.items() if n
        ]
        absent = [f"{group}: chưa nhận sự kiện / not consuming" for group in lag.absent]
        left = (*behind, *absent, *self._backlog.open(self._now()))
        return Reading(lag.ends, left, self._backlog.parked(), lag.dead)
