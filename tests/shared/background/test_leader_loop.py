"""Steps go on while it is our turn, stop where it isn't, and are done again after a fault that may pass."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.background.lease import Lease
from shared.resilience.errors import Conflict, Transient
from shared.runtime.settings import Settings
from shared.storage.mongo import EPOCH, connect

MakeTurns = Callable[[Callable[[], bool]], LeaderLoop]


@pytest.fixture
async def lease(settings: Settings) -> AsyncIterator[Lease]:
    client = connect(settings.mongo.get_secret_value())
    yield Lease(client[settings.database("a")]["leases"], "work", "us")
    client.close()


@pytest.fixture
def leader_loop(lease: Lease) -> MakeTurns:
    return lambda may: LeaderLoop("work", lease, may, pause_seconds=0.01)


async def _others(lease: Lease) -> Lease:
    """It is theirs now."""
    await lease._leases.update_one({"_id": "work"}, {"$set": {"until": EPOCH}})
    other = Lease(lease._leases, "work", "they")
    assert await other.hold()
    return other


async def _until(seen: list[str], count: int) -> None:
    while len(seen) < count:
        await asyncio.sleep(0)


async def test_steps_go_on_through_faults_that_may_pass(leader_loop: MakeTurns) -> None:
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


async def test_any_other_fault_ends_the_loop(leader_loop: MakeTurns) -> None:
    async def step(check_leadership: CheckLeadership) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await leader_loop(lambda: True).run(step, Heartbeat("work", limit=30))


async def test_long_step_learns_that_it_may_not_go_on(leader_loop: MakeTurns) -> None:
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


async def test_nobody_works_in_anothers_turn(leader_loop: MakeTurns, lease: Lease) -> None:
    other = await _others(lease)
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


async def test_right_to_work_that_ends_while_the_lease_is_taken_is_seen(leader_loop: MakeTurns) -> None:
    answers = iter([True])
    heartbeat = Heartbeat("work", limit=30)

    async def step(check_leadership: CheckLeadership) -> bool:
        raise AssertionError("the clocks disagree by now")

    taking = asyncio.create_task(leader_loop(lambda: next(answers, False)).run(step, heartbeat))
    while heartbeat.detail != "standby":
        await asyncio.sleep(0)
    taking.cancel()


async def test_server_is_not_asked_at_each_step_but_after_a_release(lease: Lease) -> None:
    assert await lease.hold()
    other = await _others(lease)
    assert await lease.hold(), "as it was answered just now"
    await lease.release()
    assert not await lease.hold()
    await other.release()
    assert await lease.hold()
