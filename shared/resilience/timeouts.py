"""A limit on calls into a library that may wait for ever, and that may swallow being cancelled.

`asyncio.timeout` relies on the call to pass a cancellation on, which aiokafka's commit, abort and stop
don't when the broker is away; `asyncio.wait_for` of Python 3.11 loses one that comes in the moment in
which the call ends. Either way a process that was told to stop would go on.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_CANCEL_SECONDS = 1.0


async def with_timeout(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns or raises. Raises TimeoutError after `seconds`; a cancellation always arrives."""
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
    """What `work` returns or raises. A cancellation waits for its end, at most `seconds`: for work that,
    cut in the middle, would leave something open that nobody can close any more."""
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
    """Asyncio complains of a fault that nobody looked at; this one came too late to matter."""
    if not task.cancelled():
        task.exception()
