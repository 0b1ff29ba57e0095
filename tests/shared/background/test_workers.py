"""Worker processes: only late work is killed, and a process that ends is replaced."""

import asyncio
import fcntl
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.background.workers import WorkEnded, Workers, WorkFailed, WorkTimedOut
from shared.resilience.deadline import deadline
from shared.resilience.errors import OutOfTime


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    pool = Workers(2, limit=2.0)
    await pool.warm()
    yield pool
    await pool.close()


def _double(value: int) -> int:
    return value * 2


def _for_ever() -> None:
    while True:
        time.monotonic()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _past_gate(gate: Path, value: int) -> int:
    """Returns only once no other process has the gate locked."""
    with gate.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
    return value


def _refuse() -> None:
    raise ValueError("refused")


def _exhaust() -> None:
    raise MemoryError


async def test_result_comes_back(workers: Workers) -> None:
    assert await workers.run(_double, 21) == 42


async def test_error_comes_back_as_it_was_raised(workers: Workers) -> None:
    with pytest.raises(ValueError, match="refused"):
        await workers.run(_refuse)


async def test_work_without_memory_says_nothing_about_its_input(workers: Workers) -> None:
    with pytest.raises(WorkEnded):
        await workers.run(_exhaust)
    assert await workers.run(_double, 2) == 4


async def test_late_work_is_killed_and_later_work_succeeds(workers: Workers) -> None:
    with pytest.raises(WorkTimedOut):
        await workers.run(_for_ever)
    assert [await workers.run(_double, n) for n in range(4)] == [0, 2, 4, 6]


async def test_waiting_in_the_queue_ends_when_the_caller_gives_up(workers: Workers) -> None:
    """Guards against: the limit counts only once the work has begun, and a caller waits for minutes."""
    busy = [asyncio.create_task(workers.run(_for_ever)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(OutOfTime):
        async with deadline(0.1):
            await workers.run(_double, 1)
    for each in busy:
        with pytest.raises(WorkTimedOut):
            await each
    assert await workers.run(_double, 4) == 8


async def test_caller_that_gives_up_ends_its_process_and_frees_the_slot() -> None:
    pool = Workers(1, limit=600)
    try:
        await pool.warm()
        with pytest.raises(OutOfTime):
            async with deadline(0.5):
                await pool.run(_for_ever)
        assert await pool.run(_double, 5) == 10
    finally:
        await pool.close()


async def test_killed_worker_does_not_affect_the_others(tmp_path: Path) -> None:
    """Guards against: one process killed, idle or at work, breaks the pool for all that run or wait."""
    others = set(multiprocessing.active_children())
    pool = Workers(3, limit=60)
    try:
        await pool.warm()
        mine = set(multiprocessing.active_children()) - others
        gate = tmp_path / "gate"
        with gate.open("w") as shut:
            fcntl.flock(shut, fcntl.LOCK_EX)
            running = [asyncio.create_task(pool.run(_past_gate, gate, n)) for n in range(2)]
            await asyncio.sleep(0)
            errors = await asyncio.gather(*(pool.run(_end) for _ in range(3)), return_exceptions=True)
            assert [type(each) for each in errors] == [WorkEnded] * 3
            assert not any(each.done() for each in running)
        assert await asyncio.gather(*running) == [0, 1]
        for process in mine:  # those that still run are idle
            process.kill()
        assert await asyncio.gather(*(pool.run(_double, n) for n in range(9))) == [2 * n for n in range(9)]
    finally:
        await pool.close()


async def test_worker_that_ends_fails_only_its_own_work(workers: Workers) -> None:
    with pytest.raises(WorkFailed):
        await workers.run(_end)
    assert await workers.run(_double, 3) == 6
