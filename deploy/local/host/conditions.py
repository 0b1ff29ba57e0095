"""Wait for a condition, or fail if one does not hold."""

import time
from collections.abc import Callable
from typing import TypeVar

from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import STALLED_S, StallTimer
from deploy.local.texts import both
from shared.text.i18n import Text

T = TypeVar("T")

_PAUSE_S = 0.1


def require(holds: bool, vi: str, en: str) -> None:
    """Raises StackProblem unless the condition holds."""
    if not holds:
        raise StackProblem(*both("condition.false", what=Text(vi, en)))


def until(
    ask: Callable[[], T | None],
    vi: str,
    en: str,
    stalled_s: float = STALLED_S,
    progress: Callable[[], object] = lambda: None,
) -> T:
    """Call `ask` until it returns something, and return that.

    Raises StackProblem if it returns nothing while `progress` does not change for `stalled_s`.
    """
    timer = StallTimer(stalled_s)
    while not (answer := ask()):
        if timer.is_over(progress()):
            raise StackProblem(
                *both("condition.never", seconds=stalled_s, what=Text(vi, en)),
            )
        time.sleep(_PAUSE_S)
    return answer
