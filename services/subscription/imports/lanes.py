"""Work on the batches of an import: one is decided while the database writes others."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_LANES = 3


async def side_by_side(batches: AsyncIterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do `work` on each batch, on at most _LANES at once, so that no more are in memory.

    If one fails, the others are cancelled. Raises an ExceptionGroup.
    """
    free = asyncio.Semaphore(_LANES)

    async def work_on(batch: T) -> None:
        try:
            await work(batch)
        finally:
            free.release()

    async with asyncio.TaskGroup() as tasks:
        async for batch in batches:
            await free.acquire()
            tasks.create_task(work_on(batch))
