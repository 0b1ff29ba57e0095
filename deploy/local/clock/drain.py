"""Waits until all parts of the stack have finished their work.

Work is finished if no consumer group lags, no outbox holds an event, no subscription, notice or deletion is
due, and two readings in a row agree. Parked and dead messages do not delay it; they are counted.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from deploy.local.clock.backlog import Backlog
from deploy.local.clock.lag import LagMeter
from deploy.local.host.background import BackgroundLoop
from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import StallTimer, discard
from deploy.local.texts import both, line

WITHIN_S = 120.0
_READING_WITHIN_S = 60
_PAUSE_S = 0.1
_DOT_S = 2.0


@dataclass(frozen=True, slots=True)
class DrainReading:
    """`open` lists as texts what is still to be done."""

    ends: dict[TopicPartition, int]
    open: tuple[str, ...]
    parked: int
    dead: int


class Drain:
    """`now` gives the domain time; `loop` is the event loop on which `meter` runs."""

    def __init__(
        self, meter: LagMeter, backlog: Backlog, now: Callable[[], datetime], loop: BackgroundLoop
    ) -> None:
        self._meter = meter
        self._backlog = backlog
        self._now = now
        self._loop = loop

    def wait(self, within_s: float = WITHIN_S, tell: Callable[[str], None] = discard) -> DrainReading:
        """Return the second of two equal readings without open work. Raises StackProblem that names the open
        work.

        `tell` gets a dot every few seconds meanwhile.
        """
        next_dot = time.monotonic() + _DOT_S
        timer = StallTimer(within_s)
        before: DrainReading | None = None
        while True:
            reading = self._read_again()
            if not reading.open and reading == before:
                return reading
            if timer.is_over(reading):
                raise StackProblem(
                    *both("drain.still_open", seconds=within_s),
                    "\n".join(reading.open) or line("open.moving"),
                )
            if time.monotonic() > next_dot:
                tell(".")
                next_dot += _DOT_S
            before = reading
            time.sleep(_PAUSE_S)

    def _read_again(self) -> DrainReading:
        """Like `read`, but a server that is too busy to answer counts as open work."""
        try:
            return self.read()
        except (TimeoutError, KafkaError, PyMongoError) as error:
            busy = f"{line('open.unread')}: {type(error).__name__}"
            return DrainReading({}, (busy,), 0, 0)

    def read(self) -> DrainReading:
        lag = self._loop.run(self._meter.read(), _READING_WITHIN_S)
        behind = [f"{group}: {n} {line('open.behind')}" for group, n in lag.behind.items() if n]
        absent = [f"{group}: {line('open.absent')}" for group in lag.absent]
        left = (*behind, *absent, *self._backlog.open(self._now()))
        return DrainReading(lag.ends, left, self._backlog.parked(), lag.dead)
