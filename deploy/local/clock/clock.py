"""Moves the stack's clock. It moves only forward, one midnight after another, and waits at each until all
work is done."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pymongo import MongoClient, ReturnDocument

from deploy.local.clock.backlog import Backlog
from deploy.local.clock.drain import Drain, DrainReading
from deploy.local.clock.lag import LagMeter
from deploy.local.host.background import BackgroundLoop
from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import StallTimer
from deploy.local.stack.parts import PARTS
from deploy.local.texts import both, line
from shared.messaging.broker import KafkaNames
from shared.runtime.settings import Settings
from shared.time.calendar import civil_date, start_of_day
from shared.time.clock import SystemClock

ZONE = "Asia/Ho_Chi_Minh"
_CONNECTED_WITHIN_S = 120
_TICK_S = 0.05


class StackClock:
    """The clock `{offset, epoch}` that all parts of the local stack follow (shared/time/clock_feed.py)."""

    def __init__(
        self, client: MongoClient[dict[str, Any]], settings: Settings, parts: Sequence[str] = PARTS
    ) -> None:
        self._parts = parts
        database = client[settings.database("stack")]
        self._clock = database["clock"]
        self._acknowledged = database["clock_acks"]

    def now(self) -> datetime:
        """The domain time of all parts."""
        return SystemClock().now() + self._offset()

    def today(self) -> date:
        return civil_date(self.now(), ZONE)

    @property
    def is_moved(self) -> bool:
        return self._offset() != timedelta(0)

    def _offset(self) -> timedelta:
        setting = self._clock.find_one({"_id": "clock"})
        return timedelta(seconds=setting["offset"]) if setting else timedelta(0)

    def move_to(self, instant: datetime) -> None:
        """Set the clock and wait until every part follows it.

        Raises StackProblem if a part does not follow, or if `instant` is in the past.
        """
        if instant < self.now():
            raise StackProblem(
                *both("clock.only_forward", now=self.now()),
            )
        offset = (instant - SystemClock().now()).total_seconds()
        setting = self._clock.find_one_and_update(
            {"_id": "clock"},
            {"$set": {"offset": offset}, "$inc": {"epoch": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        self._wait_for(setting["epoch"] if setting else 1)

    def _wait_for(self, epoch: int) -> None:
        timer = StallTimer()
        while True:
            follow = {
                acknowledged["_id"].partition("-")[0]
                for acknowledged in self._acknowledged.find({"epoch": {"$gte": epoch}})
            }
            missing = [part for part in self._parts if part not in follow]
            if not missing:
                return
            if timer.is_over(missing):
                raise StackProblem(
                    *both("clock.not_following", missing=", ".join(missing)),
                )
            time.sleep(_TICK_S)


@contextmanager
def connect_clock(settings: Settings, parts: Sequence[str] = PARTS) -> Iterator[tuple[StackClock, Drain]]:
    """The clock and the drain of a running stack, connected while the context is open."""
    names = KafkaNames(settings.namespace)
    meter = LagMeter(settings.connection, {names.group(part): names.dead(part) for part in parts})
    # With a time limit the driver retries until the limit, so it survives an election of the primary.
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.mongo.get_secret_value(), tz_aware=True, timeoutMS=_CONNECTED_WITHIN_S * 1000
    )
    with client, BackgroundLoop() as loop:
        loop.run(meter.start(), _CONNECTED_WITHIN_S)
        clock = StackClock(client, settings, parts)
        try:
            yield clock, Drain(meter, Backlog(client, settings), clock.now, loop)
        finally:
            loop.run(meter.close(), _CONNECTED_WITHIN_S)


def describe(clock: StackClock, directory: Path) -> Iterator[str]:
    """The present time and, where the clock was moved, how to set it back. `directory` has the stack's
    state."""
    yield line("clock.now", now=clock.now().astimezone(ZoneInfo(ZONE)))
    if clock.is_moved:
        yield line("clock.set_back", directory=directory)


def advance(clock: StackClock, to: datetime, drain: Drain, tell: Callable[[str], None]) -> DrainReading:
    """Move to `to`, and stop at each midnight until all work is done. Prints each stop through `tell`."""
    for stop in stops(clock.now(), to):
        clock.move_to(stop)
        reading = drain.wait()
        local = stop.astimezone(ZoneInfo(ZONE))
        held = f"  {line('open.parked')} {reading.parked}, {line('open.dead')} {reading.dead}"
        tell(f"• {local:%Y-%m-%d %H:%M}" + (held if reading.parked or reading.dead else ""))
    return reading


def stops(start: datetime, end: datetime) -> Iterator[datetime]:
    """Every local midnight after `start` and before `end`, then `end`."""
    day = civil_date(start, ZONE) + timedelta(days=1)
    while (midnight := start_of_day(day, ZONE)) < end:
        yield midnight
        day += timedelta(days=1)
    yield end


def parse(text: str) -> datetime:
    """Parse `2026-12-31` (its first instant) or `2026-12-31T09:00` in Vietnam's time. Raises StackProblem."""
    try:
        if len(text) == len("2026-12-31"):
            return start_of_day(date.fromisoformat(text), ZONE)
        local = datetime.fromisoformat(text)
    except ValueError:
        raise StackProblem(
            *both("clock.write_time"),
        ) from None
    return local if local.tzinfo else local.replace(tzinfo=ZoneInfo(ZONE))
