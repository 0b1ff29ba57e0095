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

    @property
    def name(self) -> str:
        return f"{self.point}({self.detail})" if self.detail else self.point

    def key(self, service: str, side: Side) -> str:
        return f"{service} {self.name} {side}"


def side_of(point: str, side: Side) -> str:
    """The name of a side of a point, or of a place."""
    return f"{point} {side}"


def point_of(key: str) -> tuple[str, Side]:
    """The point and side of a place's key."""
    _, where, side = key.split()
    return where.partition("(")[0], Side(side)


def sides_of(key: str) -> frozenset[str]:
    """The names of the side at which the place with that key is: of its point, and its own."""
    _, _, own = key.partition(" ")
    return frozenset({own, side_of(*point_of(key))})


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class CrashInjector:
    """Kills the process at crash places.

    `only`: the sides of points, or of single places, at which to die, each once in the whole run. None: all
    sides, once at each place. `deaths` limits how often the service dies between two marks, so that the run
    can continue.
    """

    service: str
    ledger: Ledger
    deaths: int
    only: frozenset[str] | None = None
    die: Callable[[], None] = _die
    _known: set[str] = field(default_factory=set)

    def crash_if_due(self, place: CrashPlace, side: Side) -> None:
        """Kill the process if it must die here."""
        key = place.key(self.service, side)
        chosen = sides_of(key) if self.only is None else sides_of(key) & self.only
        if key in self._known or not chosen:
            return
        told = self.ledger.read()
        gone = frozenset[str]().union(*map(sides_of, told.fired))
        if key in told.fired or (self.only is not None and chosen <= gone):
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
