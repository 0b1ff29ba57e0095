"""How often one person may write: a bucket of tokens each, refilled evenly."""

import time
from collections.abc import Callable

from shared.problems import Problem

_FORGOTTEN_AT = 10_000


class Rate:
    """`most` writes a minute and person, all at once or spread. In this process's memory: a limit against
    a stuck key or a script, not an account of anything; behind several replicas it is that many times looser.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, who: str) -> None:
        """Raises a 429 problem where nothing is left."""
        now = self._now()
        left, at = self._buckets.get(who, (float(self._most), now))
        left = min(self._most, left + (now - at) * self._most / 60)
        if left < 1:
            raise _too_many()
        self._buckets[who] = (left - 1, now)
        if len(self._buckets) > _FORGOTTEN_AT:
            self._forget_full(now)

    def _forget_full(self, now: float) -> None:
        """Who wrote nothing for a minute has a full bucket again, as if never seen."""
        self._buckets = {who: kept for who, kept in self._buckets.items() if now - kept[1] < 60}


def _too_many() -> Problem:
    title = (
        "Thao tác quá nhanh. Vui lòng đợi khoảng một phút rồi thử lại",
        "That was too fast. Please wait about a minute and try again",
    )
    return Problem(429, "too-many", title)
