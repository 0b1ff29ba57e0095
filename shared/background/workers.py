"""Worker processes for blocking or CPU-heavy work, which would stop the heartbeats on the event loop.

A call that takes longer than the limit is killed with its process. The other processes, and the calls that
run in them or wait for them, are not affected. If the service dies, in whatever way, idle workers end too.
"""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from shared.resilience.errors import Interrupted

P = ParamSpec("P")
T = TypeVar("T")


class WorkFailed(Exception):
    """The work could not be done. If this class itself is raised, the same input will fail again."""


class WorkTimedOut(WorkFailed, Interrupted):
    """The work took longer than allowed, and its process was killed."""


class WorkEnded(WorkFailed, Interrupted):
    """The process could not do the work: it was killed from outside, or out of memory."""


class PoolBroken(Exception):
    """The pool accepts no more work."""


class Workers:
    """`size` processes, spawned when first needed and replaced when killed. Each has a pool of its own,
    because the library abandons a whole pool if one of its processes is killed while idle.

    A call waits for a free process. A caller that must answer in time puts a timeout around the call: when it
    expires, the call leaves the queue, or its process is killed.
    `limit`: seconds that one call may take once it has begun.
    `prepare` runs in each new process, to load what every call needs; it must be a module-level function.
    """

    def __init__(self, size: int, *, limit: float, prepare: Callable[[], None] | None = None) -> None:
        self._size = size
        self._limit = limit
        self._prepare = prepare
        self._closed = False
        self._free: asyncio.LifoQueue[ProcessPool] = asyncio.LifoQueue()
        self._pools: set[ProcessPool] = set()
        for _ in range(size):
            self._free.put_nowait(self._new())

    def _new(self) -> ProcessPool:
        spawning = multiprocessing.get_context("spawn")
        pool = ProcessPool(max_workers=1, initializer=self._prepare, context=spawning)
        self._pools.add(pool)
        return pool

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in one of the processes; return what it returns, raise what it raises.

        Raises WorkTimedOut beyond the limit, WorkEnded if the process ended or had too little memory.
        """
        pool = await self._free.get()
        try:
            try:
                return await self._run_in(pool, function, *args, **kwargs)
            except PoolBroken:  # its process was killed while it was idle
                self._pools.discard(pool)
                if self._closed:
                    raise WorkEnded("the workers were closed") from None
                pool = self._new()
                return await self._run_in(pool, function, *args, **kwargs)
        except PoolBroken:
            raise WorkEnded("the worker process ended") from None
        finally:
            self._free.put_nowait(pool)

    async def _run_in(
        self, pool: ProcessPool, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            future = pool.schedule(function, args=args, kwargs=kwargs, timeout=self._limit)
        except RuntimeError as error:
            raise PoolBroken from error
        try:
            return await asyncio.wrap_future(future)
        except Late as error:
            raise WorkTimedOut(f"took longer than {self._limit} s") from error
        except MemoryError as error:
            raise WorkEnded("the worker process was out of memory") from error
        except ProcessExpired as error:
            raise WorkEnded("the worker process ended") from error
        except BrokenProcessPool as error:
            raise PoolBroken from error

    async def warm(self) -> None:
        """Start every process now rather than at the first call."""
        await asyncio.gather(*(self.run(_nothing) for _ in range(self._size)))

    async def close(self) -> None:
        """Let the running calls finish, then end all processes."""
        self._closed = True
        for pool in self._pools:
            pool.close()  # type: ignore[no-untyped-call]
        await asyncio.gather(*(asyncio.to_thread(pool.join) for pool in self._pools))


def _nothing() -> None:
    """Called only to start a worker process."""
