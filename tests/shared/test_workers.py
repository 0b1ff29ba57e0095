"""Work in processes: late work is killed alone, a process that ends is replaced."""

import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from shared.workers import Workers, WorkFailed, WorkTimedOut


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


def _refuse() -> None:
    raise ValueError("refused")


async def test_result_comes_back(workers: Workers) -> None:
    assert await workers.run(_double, 21) == 42


async def test_error_comes_back_as_it_was_raised(workers: Workers) -> None:
    with pytest.raises(ValueError, match="refused"):
        await workers.run(_refuse)


async def test_late_work_is_killed_and_other_work_goes_on(workers: Workers) -> None:
    with pytest.raises(WorkTimedOut):
        await workers.run(_for_ever)
    assert [await workers.run(_double, n) for n in range(4)] == [0, 2, 4, 6]


async def test_worker_that_ends_fails_its_own_work_only(workers: Workers) -> None:
    with pytest.raises(WorkFailed):
        await workers.run(_end)
    assert await workers.run(_double, 3) == 6
