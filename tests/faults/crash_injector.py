"""Whether the process dies now: at each place once, some times a stretch, and only while armed."""

import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.faults.ledger import Ledger


class Side(StrEnum):
    """`MEANWHILE`: the call has begun and its end isn't known (a letter handed over, a worker at work)."""

    BEFORE = "before"
    MEANWHILE = "meanwhile"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class CrashPlace:
    """`detail` tells apart what one point does in several ways: which collection, which lease."""

    point: str
    detail: str = ""

    def key(self, service: str, side: Side) -> str:
        where = f"{self.point}({self.detail})" if self.detail else self.point
        return f"{service} {where} {side}"


def side_of(point: str, side: Side) -> str:
    """How a choice of points names them."""
    return f"{point} {side}"


def point_of(key: str) -> tuple[str, Side]:
    """The point and side of a place's key."""
    _, where, side = key.split()
    return where.partition("(")[0], Side(side)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class CrashInjector:
    """`only`: the points' sides at which to die, each once in the whole run; None: at all, each once a place.

    `deaths` bounds how often the service dies between two marks, so that the rest can go on.
    """

    service: str
    ledger: Ledger
    deaths: int
    only: frozenset[str] | None = None
    die: Callable[[], None] = _die
    _known: set[str] = field(default_factory=set)

    def crash_if_due(self, place: CrashPlace, side: Side) -> None:
        """Dies if it is time to."""
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
        """What `call` returns or raises. After a call that raised there is nothing to die after."""
        self.crash_if_due(place, Side.BEFORE)
        result = await call()
        self.crash_if_due(place, Side.AFTER)
        return result
