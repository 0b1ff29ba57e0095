"""Whether the clocks agree, so that access may tighten: ours, the database's, and the last heartbeat
plus the time that has passed since. A wrong clock must lock nobody.

Ours is the machine's real time: the local stack's offset moves domain time alone, and counts for nothing
here. While the clocks disagree, gate and schedule keep the last recorded decision.
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
# While the database is silent nothing can be tightened but by what is in hand, and a jump of our own clock
# shows all the same; in an hour a machine's oscillator strays by seconds, not minutes.
LONGEST_SILENCE = timedelta(hours=1)
_LOOK_SECONDS = 1.0
_ANSWER_SECONDS = 5.0


class AgreementState(StrEnum):
    UNKNOWN = "not looked yet"
    AGREE = "agree"
    DISAGREE = "disagree"
    SILENT = "database silent"


@dataclass(frozen=True, slots=True)
class ClockMark:
    """What a clock showed, and what the monotonic clock then did."""

    shown: datetime
    at: float

    def carried_to(self, monotonic: float) -> datetime:
        """What it should show now."""
        return self.shown + timedelta(seconds=monotonic - self.at)


class ClockAgreement:
    """`monotonic` counts seconds and must go on while the machine sleeps (CLOCK_BOOTTIME): otherwise a
    machine that slept disagrees with its own heartbeat.

    A heartbeat that disagrees while the database agrees means that both clocks were set, or that the
    machine was held still. Which of the two is for a person to judge: correct the clock, or, if it is
    right now, restart the service. It never heals by itself, because on one machine both would be wrong.
    """

    def __init__(self, real: Clock, monotonic: Callable[[], float], database: Database) -> None:
        self._real = real
        self._monotonic = monotonic
        self._database = database
        self._answer: ClockMark | None = None
        self._heartbeat: ClockMark | None = None

    def holds(self) -> bool:
        """Whether access may tighten now. Asks nobody: the last look is carried on to this moment."""
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
        """How far the two clocks that differ most are from each other, as far as they are known."""
        now, elapsed = self._real.now(), self._monotonic()
        shown = [now, *(mark.carried_to(elapsed) for mark in (self._answer, self._heartbeat) if mark)]
        return max(shown) - min(shown)

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
        """The first look, before anybody is answered. If it fails, the loop looks again."""
        with suppress_transient("clocks.fault"):
            await self.look()

    async def run(self, heartbeat: Heartbeat) -> None:
        """Look every second. Disagreement is told once, and is no reason to be unready."""
        told = AgreementState.UNKNOWN
        while True:
            with suppress_transient("clocks.fault"):
                await self.look()
            if (state := self.state) is not told:
                self._tell(state)
                told = state
            heartbeat.beat(self.detail)
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Ask the database for its time. Where all agree, ours becomes the heartbeat."""
        async with asyncio.timeout(_ANSWER_SECONDS):
            with limit(_ANSWER_SECONDS):
                shown = await self._database_now()
        elapsed = self._monotonic()
        self._answer = ClockMark(shown, elapsed)
        if self.apart <= CLOCK_TOLERANCE:
            self._heartbeat = ClockMark(self._real.now(), elapsed)

    async def _database_now(self) -> datetime:
        """The primary's clock; needs no right but to the service's own database."""
        cursor = self._database.aggregate([{"$documents": [{"now": "$$NOW"}]}])
        (document,) = await cursor.to_list(None)
        now: datetime = document["now"]
        return now

    def _tell(self, state: AgreementState) -> None:
        write_log = log.info if state is AgreementState.AGREE else log.error
        seconds = round(self.apart.total_seconds())
        write_log(f"clocks.{state.name.lower()}", skew_seconds=seconds, detail=self.detail)
