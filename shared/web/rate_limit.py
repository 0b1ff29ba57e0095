"""Limits how often one person may write: a token bucket for each person, refilled evenly."""

import math
import time
from collections.abc import Callable

from shared.web.problems import TITLES, Problem

_FORGOTTEN_AT = 10_000


class Rate:
    """Allows each person `most` writes a minute, all at once or spread.

    It counts in this process's memory, so with several replicas the limit is that many times higher. It is
    meant against a stuck key or a script, not as an exact count.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, who: str, cost: int = 1) -> None:
        """Count a write as `cost` writes. Raises a 429 problem if so many are not left."""
        now, cost = self._now(), min(cost, self._most)
        left, at = self._buckets.get(who, (float(self._most), now))
        left = min(self._most, left + (now - at) * self._most / 60)
        if left < cost:
            raise _too_many(math.ceil((cost - left) * 60 / self._most))
        self._buckets[who] = (left - cost, now)
        if len(self._buckets) > _FORGOTTEN_AT:
            self._forget_full(now)

    def _forget_full(self, now: float) -> None:
        """Forget people who wrote nothing for a minute: their buckets are full again."""
        self._buckets = {who: bucket for who, bucket in self._buckets.items() if now - bucket[1] < 60}


def _too_many(seconds: int) -> Problem:
    problem = Problem(429, "too-many", TITLES["too-many"].fill(seconds=seconds))
    problem.retry_after = seconds
    return problem
