"""Timeouts for library calls that may wait for ever, or swallow a cancellation.

`asyncio.timeout` needs the call to propagate a cancellation; aiokafka's commit, abort and stop do not when
the broker does not answer. `asyncio.wait_for` of Python 3.11 loses a cancellation that comes at the moment in
which the call ends. Either way a process that must stop would keep running.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_CANCEL_SECONDS = 1.0


async def with_timeout(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return or raise what `work` does. Raises TimeoutError after `seconds`. No cancellation is lost."""
    task = asyncio.create_task(work)
    task.add_done_callback(_ignore_failure)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await _cancel(task)
        raise
    if not done:
        await _cancel(task)
        raise TimeoutError
    return task.result()


async def shielded(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return or raise what `work` does. A cancellation waits for its end, at most `seconds`.

    For work that would leave something open for good if it were cancelled in the middle.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_ignore_failure)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=seconds)
        task.cancel()
        raise


async def _cancel(task: asyncio.Task[T]) -> None:
    task.cancel()
    await asyncio.wait({task}, timeout=_CANCEL_SECONDS)


def _ignore_failure(task: asyncio.Task[T]) -> None:
    """asyncio logs an exception that nobody retrieved; this one came too late to matter."""
    if not task.cancelled():
        task.exception()
