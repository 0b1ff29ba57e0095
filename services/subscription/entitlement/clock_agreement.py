"""Checks that the clocks agree. Access may tighten only while they do: a wrong clock must lock nobody.

Three times are compared: the machine's clock, the database's clock, and the last heartbeat plus the time that
has passed since. The machine's clock is its real time; the local stack's offset moves the domain's time only
and is ignored here. While the clocks disagree, gate and scheduler keep the last recorded decision.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from shared.background.heartbeat import Heartbeat
from shared.resilience.retry import suppress_transient
from shared.storage.mongo import Database, limit
from shared.time.clock import Clock

log = structlog.get_logger()

CLOCK_TOLERANCE = timedelta(minutes=5)
# While the database is silent, only what was read before can be tightened, and a jump of the machine's clock
# is still noticed. In an hour a machine's oscillator drifts by seconds, not minutes.
LONGEST_SILENCE = timedelta(hours=1)
_CHECK_SECONDS = 5.0
_ANSWER_SECONDS = 5.0


class AgreementState(StrEnum):
    UNKNOWN = "not looked yet"
    AGREE = "agree"
    DISAGREE = "disagree"
    SILENT = "database silent"


@dataclass(frozen=True, slots=True)
class ClockMark:
    """The time that a clock showed, and the monotonic time at that moment."""

    time: datetime
    at: float

    def carried_to(self, monotonic: float) -> datetime:
        """The time that this clock should show now."""
        return self.time + timedelta(seconds=monotonic - self.at)


class ClockAgreement:
    """Compares the clocks. `monotonic` counts seconds, including those during which the machine sleeps
    (CLOCK_BOOTTIME): otherwise a machine that slept would disagree with its own heartbeat.

    If the heartbeat disagrees and the database agrees, then both clocks were set, or the machine was
    suspended. A person must judge which it was, and correct the clock or, if it is right now, restart the
    service. The disagreement never ends by itself, because on one machine both clocks would be wrong.
    """

    def __init__(self, real: Clock, monotonic: Callable[[], float], database: Database) -> None:
        self._real = real
        self._monotonic = monotonic
        self._database = database
        self._answer: ClockMark | None = None
        self._heartbeat: ClockMark | None = None

    def holds(self) -> bool:
        """Whether access may tighten now. It makes no call: the result of the last check is projected to
        now."""
        return self.state is AgreementState.AGREE

    @property
    def state(self) -> AgreementState:
        if self._answer is None:
            return AgreementState.UNKNOWN
        if self._heartbeat is None or self.apart > CLOCK_TOLERANCE:
            return AgreementState.DISAGREE
        return AgreementState.SILENT if self._silent_for > LONGEST_SILENCE else AgreementState.AGREE

    @property
    def apart(self) -> timedelta:
        """The largest difference between two of the known clocks."""
        now, elapsed = self._real.now(), self._monotonic()
        times = [now, *(mark.carried_to(elapsed) for mark in (self._answer, self._heartbeat) if mark)]
        return max(times) - min(times)

    @property
    def detail(self) -> str:
        """For the probe: `agree`, or `disagree by N s`."""
        state = self.state
        said = {
            AgreementState.DISAGREE: f" by {self.apart.total_seconds():.0f} s",
            AgreementState.SILENT: f" for {self._silent_for.total_seconds():.0f} s",
        }
        return f"{state}{said.get(state, '')}"

    @property
    def _silent_for(self) -> timedelta:
        return timedelta(seconds=self._monotonic() - self._answer.at if self._answer else 0)

    async def begin(self) -> None:
        """Check once before the first request is answered. If that fails, the loop checks again."""
        with suppress_transient("clocks.transient_error"):
            await self.check()

    async def run(self, heartbeat: Heartbeat) -> None:
        """Check every few seconds. A disagreement is logged once, and doesn't make the service unready."""
        logged = AgreementState.UNKNOWN
        while True:
            with suppress_transient("clocks.transient_error"):
                await self.check()
            if (state := self.state) is not logged:
                self._log(state)
                logged = state
            heartbeat.beat(self.detail)
            await asyncio.sleep(_CHECK_SECONDS)

    async def check(self) -> None:
        """Read the database's clock. If all clocks agree, the machine's time becomes the new heartbeat."""
        async with asyncio.timeout(_ANSWER_SECONDS):
            with limit(_ANSWER_SECONDS):
                time = await self._database_now()
        elapsed = self._monotonic()
        self._answer = ClockMark(time, elapsed)
        if self.apart <= CLOCK_TOLERANCE:
            self._heartbeat = ClockMark(self._real.now(), elapsed)

    async def _database_now(self) -> datetime:
        """The primary's clock. It needs only the rights on the service's own database."""
        cursor = self._database.aggregate([{"$documents": [{"now": "$$NOW"}]}])
        (document,) = await cursor.to_list(None)
        now: datetime = document["now"]
        return now

    def _log(self, state: AgreementState) -> None:
        write_log = log.info if state is AgreementState.AGREE else log.error
        seconds = round(self.apart.total_seconds())
        write_log(f"clocks.{state.name.lower()}", skew_seconds=seconds, detail=self.detail)
