"""The leader loop does steps only while its process leads, and repeats a step after a transient error."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.background.lease import Lease
from shared.resilience.errors import Conflict, Transient
from shared.runtime.settings import Settings
from shared.storage.mongo import EPOCH, connect

MakeLoop = Callable[[Callable[[], bool]], LeaderLoop]


@pytest.fixture
async def lease(settings: Settings) -> AsyncIterator[Lease]:
    client = connect(settings.mongo.get_secret_value())
    yield Lease(client[settings.database("a")]["leases"], "work", "us")
    client.close()


@pytest.fixture
def leader_loop(lease: Lease) -> MakeLoop:
    return lambda may: LeaderLoop("work", lease, may, pause_seconds=0.01)


async def _lose(lease: Lease) -> Lease:
    """Another process takes the lease. Returns its Lease."""
    await lease._leases.update_one({"_id": "work"}, {"$set": {"until": EPOCH}})
    other = Lease(lease._leases, "work", "they")
    assert await other.hold()
    return other


async def _until(seen: list[str], count: int) -> None:
    while len(seen) < count:
        await asyncio.sleep(0)


async def test_loop_continues_after_transient_errors(leader_loop: MakeLoop) -> None:
    seen: list[str] = []

    async def step(check_leadership: CheckLeadership) -> bool:
        seen.append("step")
        if len(seen) == 1:
            raise Transient
        if len(seen) == 2:
            raise ExceptionGroup("of a task group", [Conflict("lost a race")])
        return True

    heartbeat = Heartbeat("work", limit=30)
    taking = asyncio.create_task(leader_loop(lambda: True).run(step, heartbeat))
    await _until(seen, 5)
    taking.cancel()
    assert heartbeat.detail == "leads"


async def test_any_other_error_ends_the_loop(leader_loop: MakeLoop) -> None:
    async def step(check_leadership: CheckLeadership) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await leader_loop(lambda: True).run(step, Heartbeat("work", limit=30))


async def test_long_step_notices_that_it_may_not_continue(leader_loop: MakeLoop) -> None:
    seen: list[str] = []
    allowed = True

    async def step(check_leadership: CheckLeadership) -> bool:
        nonlocal allowed
        await check_leadership()
        allowed = False
        try:
            await check_leadership()
        except Conflict:
            seen.append("stopped")
            raise
        return True

    taking = asyncio.create_task(leader_loop(lambda: allowed).run(step, Heartbeat("work", limit=30)))
    await _until(seen, 1)
    taking.cancel()


async def test_process_without_the_lease_does_no_step(leader_loop: MakeLoop, lease: Lease) -> None:
    other = await _lose(lease)
    heartbeat = Heartbeat("work", limit=30)
    seen: list[str] = []

    async def step(check_leadership: CheckLeadership) -> bool:
        seen.append("step")
        return True

    taking = asyncio.create_task(leader_loop(lambda: True).run(step, heartbeat))
    while heartbeat.detail != "standby":
        await asyncio.sleep(0)
    assert seen == []
    await other.release()
    await _until(seen, 1)
    taking.cancel()


async def test_permission_that_ends_while_the_lease_is_taken_is_noticed(leader_loop: MakeLoop) -> None:
    answers = iter([True])
    heartbeat = Heartbeat("work", limit=30)

    async def step(check_leadership: CheckLeadership) -> bool:
        raise AssertionError("the clocks disagree by now")

    taking = asyncio.create_task(leader_loop(lambda: next(answers, False)).run(step, heartbeat))
    while heartbeat.detail != "standby":
        await asyncio.sleep(0)
    taking.cancel()


async def test_hold_is_cached_until_the_lease_is_released(lease: Lease) -> None:
    assert await lease.hold()
    other = await _lose(lease)
    assert await lease.hold(), "the answer of just now is cached"
    await lease.release()
    assert not await lease.hold()
    await other.release()
    assert await lease.hold()
