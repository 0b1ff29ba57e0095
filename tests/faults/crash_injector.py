"""Decides whether the process dies now: once at each place, a limited number of times between two marks, and
only while armed."""

import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.faults.ledger import Ledger


class Side(StrEnum):
    """When the process dies relative to the call.

    `MEANWHILE`: the call has started and its result is unknown (a letter was sent, a worker is running).
    """

    BEFORE = "before"
    MEANWHILE = "meanwhile"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class CrashPlace:
    """A crash point in use. `detail` separates several uses of one point: which collection, which lease."""

    point: str
    detail: str = ""

    def key(self, service: str, side: Side) -> str:
        where = f"{self.point}({self.detail})" if self.detail else self.point
        return f"{service} {where} {side}"


def side_of(point: str, side: Side) -> str:
    """The name of a point's side."""
    return f"{point} {side}"


def point_of(key: str) -> tuple[str, Side]:
    """The point and side of a place's key."""
    _, where, side = key.split()
    return where.partition("(")[0], Side(side)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class CrashInjector:
    """Kills the process at crash places.

    `only`: the sides of points at which to die, each once in the whole run. None: all sides, once at each
    place. `deaths` limits how often the service dies between two marks, so that the run can continue.
    """

    service: str
    ledger: Ledger
    deaths: int
    only: frozenset[str] | None = None
    die: Callable[[], None] = _die
    _known: set[str] = field(default_factory=set)

    def crash_if_due(self, place: CrashPlace, side: Side) -> None:
        """Kill the process if it must die here."""
        key, chosen = place.key(self.service, side), side_of(place.point, side)
        if key in self._known or (self.only is not None and chosen not in self.only):
            return
        told = self.ledger.read()
        gone = {side_of(*point_of(fired)) for fired in told.fired}
        if key in told.fired or (self.only is not None and chosen in gone):
            self._known.add(key)
        elif told.armed and told.recent[self.service] < self.deaths:
            self.ledger.fire(key, self.service)
            self.die()

    async def around(self, place: CrashPlace, call: Callable[[], Awaitable[Any]]) -> Any:
        """Return or raise what `call` returns or raises. A call that raised has no "after"."""
        self.crash_if_due(place, Side.BEFORE)
        result = await call()
        self.crash_if_due(place, Side.AFTER)
        return result
