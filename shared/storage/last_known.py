"""Reads that are answered within a second, also while the database is silent.

A frozen server answers nothing and breaks no connection, and the driver's threads are few: calls that wait
for it starve all others, and cancelling a call frees no thread. So the driver itself limits the time of a
read. The first read that gets no answer marks the database as silent. From then on one request at a time
probes it, and all others get the last known value.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import structlog

from shared.resilience.errors import Transient
from shared.storage import mongo
from shared.time.clock import Clock

log = structlog.get_logger()

K = TypeVar("K")
T = TypeVar("T")

_READ_SECONDS = 0.6
_BETWEEN_PROBES_SECONDS = 1.0


class Silent(Transient):
    """The database does not answer, and no earlier value of this key is remembered."""


@dataclass(frozen=True, slots=True)
class KnownValue(Generic[T]):
    """A value and when it was read. `stale`: the database is silent, and may hold a newer value."""

    value: T
    at: datetime
    stale: bool = False


class LastKnown(Generic[K, T]):
    """Remembers the `most` values that were used last, except empty ones. `clock` is domain time."""

    def __init__(self, read: Callable[[K], Awaitable[T]], clock: Clock, most: int) -> None:
        self._read = read
        self._clock = clock
        self._most = most
        self._known: OrderedDict[K, KnownValue[T]] = OrderedDict()
        self._silent = False
        self._probed_at = 0.0
        self._probing = False

    async def get(self, key: K) -> KnownValue[T]:
        """The value from the database or, while that is silent, the last known one. Raises Silent within a
        second if there is none, and any error of the read that is not transient."""
        if not self._silent:
            return await self._ask(key)
        if not self._may_probe():
            return self._remembered(key)
        self._probing, self._probed_at = True, asyncio.get_running_loop().time()
        try:
            return await self._ask(key)
        finally:
            self._probing = False

    def _may_probe(self) -> bool:
        waited = asyncio.get_running_loop().time() - self._probed_at
        return not self._probing and waited >= _BETWEEN_PROBES_SECONDS

    async def _ask(self, key: K) -> KnownValue[T]:
        at = self._clock.now()
        try:
            async with asyncio.timeout(_READ_SECONDS):
                with mongo.limit(_READ_SECONDS):
                    value = await self._read(key)
        except Exception as error:
            if not (isinstance(error, TimeoutError) or mongo.is_transient(error)):
                raise
            self._set_silent(silent=True, why=type(error).__name__)
            return self._remembered(key)
        self._set_silent(silent=False)
        return self._remember(key, KnownValue(value, at))

    def _set_silent(self, *, silent: bool, why: str = "") -> None:
        if silent and not self._silent:
            self._probed_at = asyncio.get_running_loop().time()
            log.warning("database.silent", error=why)
        elif self._silent and not silent:
            log.info("database.answers_again")
        self._silent = silent

    def _remember(self, key: K, known: KnownValue[T]) -> KnownValue[T]:
        if known.value:
            self._known[key] = known
            self._known.move_to_end(key)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        else:
            self._known.pop(key, None)
        return known

    def _remembered(self, key: K) -> KnownValue[T]:
        known = self._known.get(key)
        if known is None:
            raise Silent
        self._known.move_to_end(key)
        return KnownValue(known.value, known.at, stale=True)
