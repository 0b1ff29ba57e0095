"""Work in a process of its own."""

import asyncio
import multiprocessing
from pathlib import Path

import psutil
import pytest

from tests.tools.sign import works
from tools.sign.child import ChildDied, ChildHung, run_in_child

LONG_S = 120.0


async def hanging_process(file: Path) -> psutil.Process:
    """The process of `works.hang`, once it has begun."""
    while not await asyncio.to_thread(file.exists):
        await asyncio.sleep(0.02)
    return psutil.Process(int(await asyncio.to_thread(file.read_text)))


async def test_the_answer_comes_back_whole() -> None:
    request = bytes(range(256)) * 1000
    assert await run_in_child(works.echo, request, LONG_S) == request


async def test_a_crash_is_told_and_nothing_else_ends() -> None:
    with pytest.raises(ChildDied):
        await run_in_child(works.crash, b"", LONG_S)


async def test_a_hang_is_ended_after_its_time(tmp_path: Path) -> None:
    others = set(multiprocessing.active_children())
    with pytest.raises(ChildHung):
        await run_in_child(works.hang, str(tmp_path / "pid").encode(), 0.2)
    assert set(multiprocessing.active_children()) <= others


async def test_a_cancelled_caller_ends_the_process(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    running = asyncio.create_task(run_in_child(works.hang, str(file).encode(), LONG_S))
    process = await hanging_process(file)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not process.is_running()
