"""Guards against: a library swallows a cancellation, and the process runs for ever."""

import asyncio

import pytest

from shared.resilience.timeouts import shielded, with_timeout


async def _deaf(ended: asyncio.Event) -> str:
    """Swallows its cancellation, as a commit does if the broker does not answer."""
    try:
        await ended.wait()
    except asyncio.CancelledError:
        raise ConnectionError from None
    return "done"


async def test_result_or_error_of_the_work_is_returned() -> None:
    ended = asyncio.Event()
    ended.set()
    assert await with_timeout(5, _deaf(ended)) == "done"

    async def fails() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await with_timeout(5, fails())


async def test_work_that_raises_another_error_when_cancelled_times_out() -> None:
    with pytest.raises(TimeoutError):
        await with_timeout(0.01, _deaf(asyncio.Event()))


async def test_cancellation_arrives_although_the_work_swallows_it() -> None:
    waiting = asyncio.create_task(with_timeout(60, _deaf(asyncio.Event())))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_cancellation_arrives_at_the_moment_the_work_ends() -> None:
    ended = asyncio.Event()
    waiting = asyncio.create_task(with_timeout(60, _deaf(ended)))
    while not ended._waiters:
        await asyncio.sleep(0)
    ended.set()
    await asyncio.sleep(0)  # the work has ended, but the task that waits for it has not run yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_shielded_work_ends_before_the_cancellation_arrives() -> None:
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
