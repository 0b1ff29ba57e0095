"""Processes for blocking or CPU-heavy work, which would stop heartbeats if it ran on the event loop.

A call that takes longer than the limit is killed with its process; the other processes go on. When
the service dies in whatever way, idle workers end with it.
"""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from shared.faults import Interrupted

P = ParamSpec("P")
T = TypeVar("T")


class WorkFailed(Exception):
    """The work could not be done. Raised as it is: the same input will fail again."""


class WorkTimedOut(WorkFailed, Interrupted):
    """The work took longer than allowed and its process was killed."""


class WorkEnded(WorkFailed, Interrupted):
    """The process ended under the work: killed from outside, or out of memory."""


class PoolInactive(Exception):
    """The pool takes no more work."""


class Workers:
    """`size` processes, spawned when first needed and replaced when killed.

    `limit`: seconds that one call may take once it has begun. `prepare` runs in each new process, to
    load what every call needs; it must be a function of a module.
    """

    def __init__(self, size: int, *, limit: float, prepare: Callable[[], None] | None = None) -> None:
        self._size = size
        self._limit = limit
        self._prepare = prepare
        self._closed = False
        self._pool = self._new()

    def _new(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._size, initializer=self._prepare, context=multiprocessing.get_context("spawn")
        )

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns, run in one of the processes. What it raises is raised here.

        Raises WorkTimedOut past the limit, WorkEnded when the process ended.
        """
        pool = self._pool
        try:
            return await self._run_in(pool, function, *args, **kwargs)
        except (BrokenProcessPool, PoolInactive):
            # The library gives up all of a pool when one of its processes is killed while idle.
            if self._closed:
                raise WorkEnded("the workers were closed") from None
            if self._pool is pool:
                self._pool = self._new()
            return await self._run_in(self._pool, function, *args, **kwargs)

    async def _run_in(
        self, pool: ProcessPool, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            future = pool.schedule(function, args=args, kwargs=kwargs, timeout=self._limit)
        except RuntimeError as error:
            raise PoolInactive from error
        try:
            return await asyncio.wrap_future(future)
        except Late as error:
            raise WorkTimedOut(f"took longer than {self._limit} s") from error
        except ProcessExpired as error:
            raise WorkEnded("the worker process ended") from error

    async def warm(self) -> None:
        """Start every process now rather than at the first call."""
        await asyncio.gather(*(self.run(_nothing) for _ in range(self._size)))

    async def close(self) -> None:
        """Let what runs finish, then end all processes."""
        self._closed = True
        self._pool.close()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)


def _nothing() -> None:
    """Makes a worker start."""
