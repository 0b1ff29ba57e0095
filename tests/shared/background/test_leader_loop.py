"""The leader loop does steps only while its process leads, and repeats a step after a transient error."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from shared.background import calls
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.background.lease import Lease
from shared.background.wake import Wake, Wakes
from shared.resilience.errors import Conflict, Transient
from shared.runtime.settings import Settings
from shared.storage.mongo import EPOCH, connect
from tests.support.service_process import until

MakeLoop = Callable[[Callable[[], bool]], LeaderLoop]


@pytest.fixture
async def lease(settings: Settings) -> AsyncIterator[Lease]:
    client = connect(settings.mongo.get_secret_value())
    yield Lease(client[settings.database("a")]["leases"], "work", "us")
    client.close()


@pytest.fixture
def leader_loop(lease: Lease) -> MakeLoop:
    return lambda may: LeaderLoop("work", lease, may, pause_seconds=0.01)


@dataclass
class Steps:
    """A step that has `work` to do so many times."""

    work: int = 0
    seen: list[str] = field(default_factory=list)

    async def step(self, check_leadership: CheckLeadership) -> bool:
        self.seen.append("step")
        self.work -= 1
        return self.work >= 0


@asynccontextmanager
async def _running(loop: LeaderLoop, steps: Steps, until_due: float | None) -> AsyncIterator[None]:
    async def due() -> float:
        assert until_due is not None
        return until_due

    run = loop.run(steps.step, Heartbeat("work", limit=30), due if until_due is not None else None)
    running = asyncio.create_task(run)
    yield
    running.cancel()


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


@pytest.mark.parametrize("known", [None, 1000.0])
async def test_loop_without_work_waits_until_it_is_woken(lease: Lease, known: float | None) -> None:
    wake, steps = Wake(), Steps()
    loop = LeaderLoop("work", lease, lambda: True, pause_seconds=0, wake=wake, idle_seconds=1000)
    async with _running(loop, steps, known):
        await _until(steps.seen, 1)
        wake.set()
        await _until(steps.seen, 2)
        steps.work = 2
        wake.set()
        await _until(steps.seen, 5)  # two with work, and the one that finds none
        await asyncio.sleep(0)
        assert len(steps.seen) == 5


async def test_loop_does_not_wait_beyond_what_is_due(lease: Lease) -> None:
    steps = Steps()
    loop = LeaderLoop("work", lease, lambda: True, pause_seconds=1000, idle_seconds=1000)
    async with _running(loop, steps, 0.01):
        await _until(steps.seen, 3)


async def test_change_that_is_past_due_does_not_keep_others_from_running(lease: Lease) -> None:
    steps = Steps()
    loop = LeaderLoop("work", lease, lambda: True, pause_seconds=1000, idle_seconds=1000)
    async with _running(loop, steps, -5.0):
        await _until(steps.seen, 1)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert len(steps.seen) < 100, "it pauses"
        await _until(steps.seen, 3)


async def _settled(*loops: Wake) -> None:
    """All look once, and wait again."""
    for wake in loops:
        await wake.wait(0)


@pytest.mark.parametrize(("events", "by"), [(True, "us"), (False, "us"), (True, "others")])
async def test_wakes_of_all_loops(events: bool, by: str) -> None:
    wakes = Wakes()
    first, second = wakes.new(), wakes.new()
    wakes.hear(4)
    assert first.is_set, "calls from before are heard too: their work may be newer than the first look"
    await _settled(first, second, wakes.relay)
    wakes.hear(4)
    assert not first.is_set
    if by == "us":
        wakes.set(events=events)
    else:
        wakes.hear(5)
    assert (first.is_set, second.is_set, wakes.relay.is_set) == (True, True, events)
    assert wakes.calling.is_set is (by == "us"), "a call is not answered by another"


async def test_wake_that_comes_while_nobody_waits_is_kept() -> None:
    wake = Wake()
    wake.set()
    await wake.wait()
    assert not wake.is_set


async def test_saved_changes_are_called_together(lease: Lease) -> None:
    leases, wake = lease._leases, Wake()
    await Lease(leases, calls.LEASE, "they").acquire()
    calling = asyncio.create_task(calls.call_when_woken(leases, wake))
    for _ in range(3):
        wake.set()

    async def called() -> int:
        return int((await leases.find_one({"_id": calls.LEASE}) or {}).get("calls", 0))

    assert await until(called, "the call") == 1
    wake.set()

    async def called_again() -> bool:
        return await called() > 1

    await until(called_again, "the next call")
    assert (await called(), wake.is_set) == (2, False)
    calling.cancel()


async def test_call_that_fails_or_is_cancelled_is_made_at_the_end(
    lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases, wake = lease._leases, Wake()
    await Lease(leases, calls.LEASE, "they").acquire()
    stuck = asyncio.Event()

    async def nobody_answers(leases: object) -> None:
        stuck.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(calls, "call", nobody_answers)
        calling = asyncio.create_task(calls.call_when_woken(leases, wake))
        wake.set()
        await stuck.wait()
        calling.cancel()
        await asyncio.wait({calling})
    await calls.call_last(leases, wake)
    assert (await leases.find_one({"_id": calls.LEASE}) or {})["calls"] == 1


async def test_calls_are_heard_while_no_relay_asks_for_its_lease(lease: Lease) -> None:
    leases, wakes = lease._leases, Wakes()
    wake = wakes.new()
    wakes.heard_at = -1000.0
    await Lease(leases, calls.LEASE, "they").acquire()
    await calls.call(leases)
    listening = asyncio.create_task(calls.listen(leases, wakes))
    await wake.wait()
    assert wakes.relay.is_set
    listening.cancel()


async def test_hold_is_cached_until_the_lease_is_released(lease: Lease) -> None:
    assert await lease.hold()
    other = await _lose(lease)
    assert await lease.hold(), "the answer of just now is cached"
    await lease.release()
    assert not await lease.hold()
    await other.release()
    assert await lease.hold()
