"""A caller gets an answer within the time limit."""

import asyncio

import pytest

from shared.resilience.deadline import deadline
from shared.resilience.errors import OutOfTime
from shared.web.problems import as_problem


async def test_waiting_counts_and_ends_with_503() -> None:
    with pytest.raises(OutOfTime) as late:
        async with deadline(0.01):
            await asyncio.Event().wait()
    problem = as_problem(late.value)
    assert (problem.status, problem.name) == (503, "out-of-time")


async def test_other_timeouts_stay_as_they_are() -> None:
    with pytest.raises(TimeoutError):
        async with deadline(60):
            raise TimeoutError


async def test_block_that_ends_in_time_succeeds() -> None:
    async with deadline(60):
        await asyncio.sleep(0)
