"""Batches side by side: few at once, and none after a failure."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.subscription.imports.lanes import side_by_side


async def _numbers(read: list[int], most: int = 20) -> AsyncIterator[int]:
    for number in range(most):
        read.append(number)
        yield number


async def test_few_batches_are_in_memory_at_once() -> None:
    read: list[int] = []
    done: list[int] = []

    async def work(number: int) -> None:
        await asyncio.sleep(0.001)
        done.append(number)
        assert len(read) - len(done) <= 4

    await side_by_side(_numbers(read), work)
    assert sorted(done) == read == list(range(20))


async def test_a_failure_ends_the_others_and_reading() -> None:
    read: list[int] = []
    done: list[int] = []

    async def work(number: int) -> None:
        if number == 1:
            raise ConnectionError
        await asyncio.sleep(10)
        done.append(number)

    with pytest.raises(ExceptionGroup):
        await side_by_side(_numbers(read), work)
    assert (len(read) < 10, done) == (True, [])
