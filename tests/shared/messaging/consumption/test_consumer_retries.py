"""A transient failure is retried in place, in order; a message that comes too early is parked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymongo.errors import AutoReconnect

from shared.background.workers import WorkTimedOut
from shared.events.subscription import SubscriptionExpiring
from shared.messaging.consumption import lifecycle
from shared.resilience.errors import AlreadyExists, NotYet, Transient
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.aggregate import Cause
from tests.support.counter import expiring
from tests.support.reader import Reader, run_reader
from tests.support.service_process import until
from tests.support.topic import raw

TRANSIENT = (
    Transient("busy"),
    TimeoutError(),
    ConnectionResetError(),
    AutoReconnect("no primary"),
    ExceptionGroup("tasks", [Transient("busy"), TimeoutError()]),
)


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: type(error).__name__)
async def test_first_record_fails_for_a_while_and_is_not_skipped_by_the_second(
    reader: Reader, error: Exception
) -> None:
    key = 10 * TRANSIENT.index(error)
    order: list[str] = []
    committed: list[int] = []

    async def first_fails(event: SubscriptionExpiring, cause: Cause) -> None:
        if event.office_ref == f"office-{key}" and len(committed) < 2:
            committed.append(await reader.committed() or 0)
            raise error
        order.append(event.office_ref)
        await reader.count(event, cause)

    reader.handler = first_fails
    offset, _ = await reader.publish(raw(expiring(key)), raw(expiring(key + 1)))
    await reader.until_counted(key + 1)
    assert order == [f"office-{key}", f"office-{key + 1}"]
    assert max(committed) <= offset, "the offset of a record that still fails was committed"


async def test_other_partitions_continue_while_one_record_is_retried(reader: Reader) -> None:
    mended = False

    async def fail_until_mended(event: SubscriptionExpiring, cause: Cause) -> None:
        if event.office_ref == "office-100" and not mended:
            raise Transient("busy")
        await reader.count(event, cause)

    reader.handler = fail_until_mended
    await reader.publish(raw(expiring(100), partition=3), raw(expiring(101), partition=4))
    await reader.until_counted(101)
    assert await reader.count_of(100) == 0
    mended = True
    await reader.until_counted(100)


async def test_duplicate_key_is_not_retried(reader: Reader) -> None:
    """A retried duplicate key would loop for ever (an example: mongodb/mongo-python-driver#2438)."""
    calls = 0

    async def refused(event: SubscriptionExpiring, cause: Cause) -> None:
        nonlocal calls
        if event.office_ref == "office-110":
            calls += 1
            raise AlreadyExists("counters")
        await reader.count(event, cause)

    reader.handler = refused
    await reader.publish(raw(expiring(110)), raw(expiring(111)))
    await reader.until_counted(111)
    assert calls == 1


async def test_database_that_fails_during_a_save_loses_and_duplicates_nothing(
    reader: Reader, mongo_uri: str
) -> None:
    admin = mongo.connect(mongo_uri)["admin"]
    broken = {"failCommands": ["update"], "closeConnection": True}
    await admin.command("configureFailPoint", "failCommand", mode={"times": 7}, data=broken)
    try:
        await reader.publish(*(raw(expiring(120), sequence=n) for n in range(1, 6)), raw(expiring(121)))
        await reader.until_counted(121)
    finally:
        await admin.command("configureFailPoint", "failCommand", mode="off")
        admin.client.close()
    assert await reader.count_of(120) == 5
    assert not await _parked(reader)


@asynccontextmanager
async def _waiting_for_the_first(settings: Settings) -> AsyncIterator[Reader]:
    """A reader that cannot handle the event with 5 days left before another event of its subscription."""

    async def handle(event: SubscriptionExpiring, cause: Cause) -> None:
        key = int(event.office_ref.removeprefix("office-"))
        if event.days_left == 5 and not await reader.count_of(key):
            raise NotYet("the first one")
        await reader.count(event, cause)

    async with run_reader(settings, handle) as reader:
        yield reader


async def _parked(reader: Reader) -> list[mongo.Document]:
    return await reader.store.collection.database["parked"].find().to_list(None)


async def test_early_message_is_parked_and_tried_again_when_its_aggregate_changes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "_PARKED_SECONDS", 3600)
    async with _waiting_for_the_first(settings) as reader:
        early = raw(expiring(1, 5))
        await reader.publish(early, early, raw(expiring(2)))
        await reader.until_counted(2)
        assert [one["waits_for"] for one in await _parked(reader)] == ["the first one"]
        await reader.publish(raw(expiring(1, 4), sequence=2))
        await reader.until_counted(1, times=2)

        async def none_left() -> bool:
            return not await _parked(reader)

        await until(none_left, "the parked message removed")
        assert not await reader.dead()


async def test_parked_message_is_tried_again_by_the_next_process(settings: Settings) -> None:
    async with _waiting_for_the_first(settings) as reader:
        await reader.publish(raw(expiring(1, 5)), raw(expiring(2)))
        await reader.until_counted(2)
    async with run_reader(settings) as reader:
        await reader.until_counted(1)


async def test_parked_message_that_fails_stays_and_delays_no_other(settings: Settings) -> None:
    async with _waiting_for_the_first(settings) as reader:
        await reader.publish(raw(expiring(1, 5)), raw(expiring(2)))
        await reader.until_counted(2)

    async def refuse(event: SubscriptionExpiring, cause: Cause) -> None:
        if event.days_left == 5:
            raise ValueError("refused")
        await reader.count(event, cause)

    async with run_reader(settings, refuse) as reader:
        await reader.publish(raw(expiring(1, 4), sequence=2), raw(expiring(3)))
        await reader.until_counted(3)
        assert len(await _parked(reader)) == 1


async def test_message_whose_work_was_interrupted_is_parked_and_handled_later(reader: Reader) -> None:
    """A worker process ran out of time or memory: a busy machine must not lose a contract."""
    stopped: list[str] = []

    async def stopped_once(event: SubscriptionExpiring, cause: Cause) -> None:
        if not stopped:
            stopped.append(event.office_ref)
            raise WorkTimedOut("took longer than allowed")
        await reader.count(event, cause)

    reader.handler = stopped_once
    await reader.publish(raw(expiring(300)))
    await reader.until_counted(300)
    assert stopped == ["office-300"]
