"""The process ends, or its partitions go to another, at the worst moment: every effect happens once."""

import asyncio

import pytest

from shared.events.subscription import SubscriptionExpiring
from shared.messaging.consumption import consumer, subscriber
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from tests.support.counter import expiring
from tests.support.reader import Reader, run_reader
from tests.support.service_process import until
from tests.support.topic import raw


async def _ready(reader: Reader) -> bool:
    return (await reader.client.get("/health/ready")).status_code == 200


async def test_stop_while_a_handler_runs_finishes_and_commits(settings: Settings) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()
    finished: list[str] = []

    async def slow(event: SubscriptionExpiring, cause: Cause) -> None:
        began.set()
        await go_on.wait()
        await reader.count(event, cause)
        finished.append(event.office_ref)

    async with run_reader(settings, slow) as reader:
        offset, _ = await reader.publish(raw(expiring(1)), raw(expiring(2)))
        await began.wait()
        asyncio.get_running_loop().call_soon(go_on.set)
    assert finished, "the handler was cancelled"
    assert await reader.committed() == offset + len(finished)
    async with run_reader(settings) as reader:
        await reader.until_counted(2)
        assert await reader.count_of(1) == 1


async def test_stop_while_a_handler_runs_longer_than_the_drain_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "_DRAIN_SECONDS", 0.2)
    began = asyncio.Event()

    async def never_ends(event: SubscriptionExpiring, cause: Cause) -> None:
        began.set()
        await asyncio.Event().wait()

    async with run_reader(settings, never_ends) as reader:
        await reader.publish(raw(expiring(1)), raw(expiring(2)))
        await began.wait()
    assert not await reader.committed()
    async with run_reader(settings) as reader:
        await reader.until_counted(2)
        assert await reader.count_of(1) == 1


async def test_partition_revoked_between_effect_and_commit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "_DRAIN_SECONDS", 0.2)
    calls = 0
    done = asyncio.Event()

    async def stay_after_the_effect(event: SubscriptionExpiring, cause: Cause) -> None:
        nonlocal calls
        calls += 1  # before the effect, for which the test waits
        number = calls
        await first.count(event, cause)
        if number == 1:
            done.set()
            await asyncio.Event().wait()

    async with run_reader(settings, stay_after_the_effect) as first:
        await first.publish(raw(expiring(1)), raw(expiring(2)))
        await done.wait()
        async with run_reader(settings, stay_after_the_effect) as second:
            await second.until_counted(2)
            assert calls >= 3, "the record was not delivered again, so this test proves nothing"
            assert await second.count_of(1) == 1


async def test_members_that_join_and_leave_lose_and_duplicate_nothing(settings: Settings) -> None:
    keys, times = range(12), 3
    async with run_reader(settings) as first:
        for sequence in range(1, times + 1):
            events = [raw(expiring(key), sequence=sequence, partition=key) for key in keys]
            await first.publish(*events)
            async with run_reader(settings) as second:
                await until(lambda: _ready(second), "the second member ready")
        for key in keys:
            await first.until_counted(key, times)
            assert await first.count_of(key) == times


async def test_record_slower_than_the_poll_interval_is_not_delivered_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber, "_POLL_INTERVAL_MS", 500)
    calls: list[str] = []

    async def slow(event: SubscriptionExpiring, cause: Cause) -> None:
        calls.append(event.office_ref)
        await asyncio.sleep(1.2)
        await first.count(event, cause)

    async with run_reader(settings, slow) as first, run_reader(settings, slow) as second:
        await until(lambda: _ready(first), "the first member ready")
        await until(lambda: _ready(second), "the second member ready")
        await first.publish(*(raw(expiring(key)) for key in range(3)))
        await first.until_counted(2)
    assert calls == ["office-0", "office-1", "office-2"]
