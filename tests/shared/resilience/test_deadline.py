"""Whoever waits has an answer in time, and an honest one."""

import asyncio

import pytest

from shared.resilience.deadline import deadline
from shared.resilience.errors import OutOfTime
from shared.web.problems import as_problem


async def test_waiting_counts_and_is_told_as_try_again() -> None:
    with pytest.raises(OutOfTime) as late:
        async with deadline(0.01):
            await asyncio.Event().wait()
    problem = as_problem(late.value)
    assert (problem.status, problem.name) == (503, "out-of-time")


async def test_time_outs_of_others_are_not_ours() -> None:
    with pytest.raises(TimeoutError):
        async with deadline(60):
            raise TimeoutError


async def test_done_in_time_is_done() -> None:
    async with deadline(60):
        await asyncio.sleep(0)
