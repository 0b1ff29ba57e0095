"""How often one person may write: a bucket of tokens each, refilled evenly."""

import math
import time
from collections.abc import Callable

from shared.web.problems import TITLES, Problem

_FORGOTTEN_AT = 10_000


class Rate:
    """`most` writes a minute and person, all at once or spread. In this process's memory: a limit against
    a stuck key or a script, not an account of anything; behind several replicas it is that many times looser.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, who: str, cost: int = 1) -> None:
        """`cost`: as how many writes it counts. Raises a 429 problem where that isn't left."""
        now, cost = self._now(), min(cost, self._most)
        left, at = self._buckets.get(who, (float(self._most), now))
        left = min(self._most, left + (now - at) * self._most / 60)
        if left < cost:
            raise _too_many(math.ceil((cost - left) * 60 / self._most))
        self._buckets[who] = (left - cost, now)
        if len(self._buckets) > _FORGOTTEN_AT:
            self._forget_full(now)

    def _forget_full(self, now: float) -> None:
        """Who wrote nothing for a minute has a full bucket again, as if never seen."""
        self._buckets = {who: kept for who, kept in self._buckets.items() if now - kept[1] < 60}


def _too_many(seconds: int) -> Problem:
    problem = Problem(429, "too-many", TITLES["too-many"].fill(seconds=seconds))
    problem.retry_after = seconds
    return problem
