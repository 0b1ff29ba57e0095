"""Waiting for what must come, and insisting on what must hold."""

import time
from collections.abc import Callable
from typing import TypeVar

from deploy.local.problem import Problem

T = TypeVar("T")

WITHIN_S = 60.0
_PAUSE_S = 0.1


def require(holds: bool, vi: str, en: str) -> None:
    """Raises Problem when something isn't as it must be."""
    if not holds:
        raise Problem(f"không đúng như phải có: {vi}", f"not as it must be: {en}")


def until(ask: Callable[[], T | None], vi: str, en: str, within_s: float = WITHIN_S) -> T:
    """The first answer that is there. Raises Problem when none comes."""
    deadline = time.monotonic() + within_s
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise Problem(
                f"sau {within_s:.0f} giây vẫn chưa có: {vi}", f"not there in {within_s:.0f} s: {en}"
            )
        time.sleep(_PAUSE_S)
    return answer
