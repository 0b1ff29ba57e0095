"""Timeouts for library calls that may wait for ever, or swallow a cancellation.

`asyncio.timeout` needs a call that propagates a cancellation; aiokafka's commit, abort and stop do not if the
broker does not answer. `asyncio.wait_for` of Python 3.11 loses a cancellation that comes at the moment in
which the call ends. In both cases a process that must stop would keep running.
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
    """Return or raise what `work` does. A cancellation first waits for the end of `work`, at most `seconds`.

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
    """Retrieve the exception, which came too late to matter: asyncio logs one that nobody retrieves."""
    if not task.cancelled():
        task.exception()
