"""Waiting for what must come, and insisting on what must hold."""

import time
from collections.abc import Callable
from typing import TypeVar

from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import STALLED_S, StallTimer

T = TypeVar("T")

_PAUSE_S = 0.1


def require(holds: bool, vi: str, en: str) -> None:
    """Raises Problem when something isn't as it must be."""
    if not holds:
        raise StackProblem(f"không đúng như phải có: {vi}", f"not as it must be: {en}")


def until(
    ask: Callable[[], T | None],
    vi: str,
    en: str,
    stalled_s: float = STALLED_S,
    progress: Callable[[], object] = lambda: None,
) -> T:
    """The first answer that is there. Raises Problem when none comes and `progress` gives the same for
    `stalled_s`."""
    timer = StallTimer(stalled_s)
    while not (answer := ask()):
        if timer.is_over(progress()):
            raise StackProblem(
                f"sau {stalled_s:.0f} giây không tiến triển vẫn chưa có: {vi}",
                f"not there, and nothing moved for {stalled_s:.0f} s: {en}",
            )
        time.sleep(_PAUSE_S)
    return answer
