"""Kind of fault: a stop that gets lost in a library, after which the process goes on for ever."""

import asyncio

import pytest

from shared.resilience.timeouts import shielded, with_timeout


async def _deaf(ended: asyncio.Event) -> str:
    """Goes on after being cancelled, as a commit does whose broker is away."""
    try:
        await ended.wait()
    except asyncio.CancelledError:
        raise ConnectionError from None
    return "done"


async def test_what_the_work_returns_or_raises_comes_back() -> None:
    ended = asyncio.Event()
    ended.set()
    assert await with_timeout(5, _deaf(ended)) == "done"

    async def fails() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await with_timeout(5, fails())


async def test_work_that_makes_another_fault_of_its_cancellation_is_still_late() -> None:
    with pytest.raises(TimeoutError):
        await with_timeout(0.01, _deaf(asyncio.Event()))


async def test_cancellation_arrives_whatever_the_work_makes_of_it() -> None:
    waiting = asyncio.create_task(with_timeout(60, _deaf(asyncio.Event())))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_cancellation_arrives_in_the_moment_in_which_the_work_ends() -> None:
    ended = asyncio.Event()
    waiting = asyncio.create_task(with_timeout(60, _deaf(ended)))
    while not ended._waiters:
        await asyncio.sleep(0)
    ended.set()
    await asyncio.sleep(0)  # the work has ended, whoever waits for it hasn't heard yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_work_that_must_not_be_cut_ends_before_the_cancellation_arrives() -> None:
    ended = asyncio.Event()
    done: list[str] = []

    async def opens() -> None:
        await ended.wait()
        done.append("opened")

    waiting = asyncio.create_task(shielded(60, opens()))
    while not ended._waiters:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    ended.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done == ["opened"]
