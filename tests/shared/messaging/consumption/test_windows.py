"""Records that are handled together come to what they come to one by one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord
from faststream.kafka import TestKafkaBroker
from pydantic import BaseModel

from shared.events.base import Stage
from shared.events.subscription import SubscriptionAdopted, SubscriptionExpiring
from shared.messaging.consumption.partition_queue import PartitionQueue, Window
from shared.messaging.consumption.record_handler import RecordHandler
from shared.messaging.consumption.subscriber import EventBroker
from shared.messaging.consumption.window_handler import WindowHandler
from shared.messaging.dead_letters.dead_letter import DeadLetters
from shared.messaging.envelope import Envelope, Position
from shared.messaging.routes import Routes
from shared.observability.metrics import Metrics
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from shared.storage.projection import CopyWrite, Projection
from tests.support.counter import expiring
from tests.support.topic import raw

TOPIC = "subscription.events"
POISON = 13


class Copy(BaseModel):
    days_left: int


@dataclass(slots=True)
class Copier:
    """Copies the days left by SubscriptionExpiring; at SubscriptionAdopted it notes what the copy says.

    An event with POISON days left can't be written, and one with 0 days amends a copy that must be there."""

    service: Service
    handler: WindowHandler
    copies: Projection[Copy]
    dead: list[str] = field(default_factory=list)
    found: list[tuple[str, int]] = field(default_factory=list)
    act: Any = None
    dies: bool = False
    """The process dies when it is to write the next dead letter."""

    def copy(self, event: SubscriptionExpiring, at: Position) -> Sequence[CopyWrite]:
        name = "days_left.x" if event.days_left == POISON else "days_left"
        write = self.copies.put if event.days_left else self.copies.amend
        return [write(event.office_ref, at, {name: event.days_left})]

    async def note(self, event: SubscriptionAdopted, cause: Cause) -> None:
        if self.act:
            await self.act(event)
        copy = await self.copies.get(event.office_ref)
        self.found.append((event.office_ref, copy.days_left if copy else -1))

    async def put(self, record: ConsumerRecord, reason: str) -> None:
        """As DeadLetters do it."""
        if self.dies:
            self.dies = False
            raise asyncio.CancelledError
        self.dead.append(reason)

    async def handle(self, *records: ConsumerRecord) -> list[int]:
        """Returns the offsets in the order in which they are settled."""
        settled: list[int] = []
        await self.handler.handle(Window(records, lambda record: settled.append(record.offset)))
        return settled

    async def days(self) -> dict[str, int]:
        return {one["_id"]: one["days_left"] async for one in self.copies.collection.find()}


@asynccontextmanager
async def _copier(settings: Settings) -> AsyncIterator[Copier]:
    service = Service("renewal", settings)
    nowhere: Any = None
    copier = Copier(service, nowhere, service.projection("copies", Copy))
    routes = Routes()
    routes.latest(SubscriptionExpiring, copier.copy)
    routes.once(SubscriptionAdopted, copier.note)
    broker = EventBroker("127.0.0.1:1", apply_types=False, logger=None)
    subscriber = broker.subscriber(TOPIC, group_id="group")
    routes.register(subscriber)
    async with TestKafkaBroker(broker):
        records = RecordHandler(
            subscriber.process_message, routes, service.parked, cast("DeadLetters", copier),
            Metrics().records, at_once=4,
        )  # fmt: skip
        copier.handler = WindowHandler(records)
        yield copier
    service.client.close()


@pytest.fixture
async def copier(settings: Settings) -> AsyncIterator[Copier]:
    async with _copier(settings) as copier:
        yield copier


def _expiring(offset: int, key: int, days_left: int) -> ConsumerRecord:
    return _record(offset, key, expiring(key, days_left))


def _adopted(offset: int, key: int) -> ConsumerRecord:
    event = expiring(key)
    shared = event.model_dump(include=set(SubscriptionAdopted.model_fields) & set(type(event).model_fields))
    dates = {"terminates_on": event.expires_on, "deletion_due_on": event.expires_on}
    return _record(offset, key, SubscriptionAdopted(**shared, stage=Stage.ACTIVE, access=(), **dates))


def _record(
    offset: int, key: int, event: SubscriptionExpiring | SubscriptionAdopted, aggregate: str = ""
) -> ConsumerRecord:
    one = raw(event, sequence=offset + 1)
    if aggregate:
        one = one.with_header("ce_aggregate", aggregate.encode())
    return ConsumerRecord(
        TOPIC, 0, offset, 0, 0, str(key).encode(), one.value, None, 3, 2, tuple(one.headers)
    )


async def test_copies_of_a_window_are_written_in_order(copier: Copier) -> None:
    records = [_expiring(n, n % 7, 100 - n) for n in range(60)]
    assert sorted(await copier.handle(*records)) == list(range(60))
    newest = {f"office-{n % 7}": 100 - n for n in range(60)}
    assert await copier.days() == newest
    await copier.handle(*records[20:40])
    assert await copier.days() == newest


async def test_a_poisoned_record_in_the_middle_leaves_alone(copier: Copier) -> None:
    """One can't be written, one can't be read. The others of their subscriptions are copied."""
    unreadable = replace(_expiring(2, 2, 5), value=b"[]")
    records = [
        _expiring(0, 1, 30),
        _expiring(1, 1, POISON),
        unreadable,
        _expiring(3, 2, 9),
        _expiring(4, 1, 8),
    ]
    assert sorted(await copier.handle(*records)) == [0, 1, 2, 3, 4]
    assert await copier.days() == {"office-1": 8, "office-2": 9}
    assert len(copier.dead) == 2


async def test_a_poisoned_copy_is_a_dead_letter_before_a_newer_one_is_written(copier: Copier) -> None:
    """Guards against: the process dies in between, and the record that comes again is only an older one."""
    copier.dies = True
    records = [_expiring(0, 1, 30), _expiring(1, 1, POISON), _expiring(2, 1, 8)]
    with pytest.raises(asyncio.CancelledError):
        await copier.handle(*records)
    assert await copier.days() == {"office-1": 30}
    assert sorted(await copier.handle(*records)) == [0, 1, 2]
    assert (len(copier.dead), await copier.days()) == (1, {"office-1": 8})


@pytest.mark.parametrize("aggregate", ["platform/hn.17", "platform/$1", "a", "a.b"])
async def test_any_name_of_a_source_is_one_name(copier: Copier, aggregate: str) -> None:
    records = [
        _record(n, 1, expiring(1, 30 - n), aggregate=name)
        for n, name in enumerate(["a", "a.b", aggregate, aggregate, "a"])
    ]
    async with asyncio.timeout(30):
        await copier.handle(*records[:3])
        await copier.handle(*records)
        await copier.handle(*records)
    assert await copier.days() == {"office-1": 26}
    assert await copier.copies.seen("office-1", aggregate) == (5 if aggregate == "a" else 4)
    assert copier.dead == []


async def test_an_effect_finds_the_copies_before_it_and_none_after_it(copier: Copier) -> None:
    records = [
        _expiring(0, 1, 30), _expiring(1, 2, 20), _adopted(2, 1), _expiring(3, 1, 10), _adopted(4, 1),
        _expiring(5, 2, 5), _adopted(6, 2), _expiring(7, 1, 1),
    ]  # fmt: skip
    await copier.handle(*records)
    assert sorted(copier.found) == [("office-1", 10), ("office-1", 30), ("office-2", 5)]
    assert [days for office, days in copier.found if office == "office-1"] == [30, 10]
    assert await copier.days() == {"office-1": 1, "office-2": 5}


async def test_effects_of_different_subscriptions_run_side_by_side(copier: Copier) -> None:
    """The first waits for the second, which comes later in the same partition."""
    second = asyncio.Event()

    async def act(event: SubscriptionAdopted) -> None:
        if event.office_ref == "office-1":
            await second.wait()
        second.set()

    copier.act = act
    assert sorted(await copier.handle(_adopted(0, 1), _adopted(1, 2))) == [0, 1]


async def test_what_waits_for_a_missing_copy_is_parked_and_follows_it(copier: Copier) -> None:
    assert sorted(await copier.handle(_expiring(1, 1, 0), _expiring(2, 2, 7))) == [1, 2]
    assert await copier.days() == {"office-2": 7}
    assert [one.waits_for for one in await copier.service.parked.of()] == ["copies/office-1"]
    await copier.handle(_expiring(0, 1, 30), _expiring(3, 2, 6))
    assert await copier.days() == {"office-1": 0, "office-2": 6}
    assert await copier.service.parked.of() == []


async def test_a_parked_message_comes_between_two_copies(copier: Copier) -> None:
    """It waits since an earlier window; the record after the one that it waited for is newer than it."""
    await copier.handle(_expiring(1, 1, 0))
    await copier.handle(_expiring(0, 1, 30), _expiring(2, 1, 4))
    assert await copier.days() == {"office-1": 4}
    seen = await copier.copies.seen("office-1", Envelope.parse(_expiring(2, 1, 4).headers, b"{}").aggregate)
    assert seen == 3
    assert await copier.service.parked.of() == []


@pytest.mark.parametrize(
    ("keys", "in_hand", "settled"),
    [((1, 1, 2), 2, [0, 2]), (range(40), 4, [0, 1, 2, 3])],
    ids=["nothing more of a subscription", "few, however many wait"],
)
async def test_a_closing_window_begins_nothing_more(
    copier: Copier, keys: Sequence[int], in_hand: int, settled: list[int]
) -> None:
    """It closes once `in_hand` effects have begun: as many as there are keys, or as are handled at once."""
    found: list[int] = []
    records = tuple(_adopted(offset, key) for offset, key in enumerate(keys))
    window = Window(records, lambda record: found.append(record.offset))
    begun = asyncio.Barrier(in_hand)

    async def act(event: SubscriptionAdopted) -> None:
        await begun.wait()
        window.closing = True

    copier.act = act
    await copier.handler.handle(window)
    assert sorted(found) == settled


async def test_a_handler_that_cancels_itself_ends_the_queue(copier: Copier) -> None:
    async def act(event: SubscriptionAdopted) -> None:
        raise asyncio.CancelledError

    copier.act = act
    queue = PartitionQueue(copier.handler.handle)
    queue.put(_adopted(0, 1))
    await asyncio.wait({queue._task})
    assert queue.failure is not None
    assert queue.position is None


async def test_the_position_stays_before_the_first_record_that_is_not_settled() -> None:
    held, told = asyncio.Event(), asyncio.Event()

    async def handle(window: Window) -> None:
        for record in window.records[1:]:
            window.settle(record)
        told.set()
        await held.wait()
        window.settle(window.records[0])

    queue = PartitionQueue(handle)
    for offset in range(3):
        queue.put(_adopted(offset, offset))
    await told.wait()
    assert (queue.position, queue.waiting, queue.in_hand[0]) == (None, 3, 0)
    held.set()
    await queue.drain(5)
    assert (queue.position, queue.waiting) == (3, 0)


async def test_a_slow_first_record_is_not_stuck_while_others_are_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    held, told = asyncio.Event(), asyncio.Event()

    async def handle(window: Window) -> None:
        nonlocal now
        now += 100
        window.settle(window.records[1])
        now += 1
        told.set()
        await held.wait()

    queue = PartitionQueue(handle)
    queue.put(_adopted(0, 0))
    queue.put(_adopted(1, 1))
    await told.wait()
    in_hand = queue.in_hand
    monkeypatch.undo()
    queue._task.cancel()
    assert in_hand == (0, 1)


async def test_drained_records_that_wait_are_left_to_another_consumer() -> None:
    begun, held = asyncio.Event(), asyncio.Event()
    seen: list[int] = []

    async def handle(window: Window) -> None:
        seen.extend(record.offset for record in window.records)
        begun.set()
        await held.wait()
        if not window.closing:
            raise AssertionError
        window.settle(window.records[0])

    queue = PartitionQueue(handle)
    queue.put(_adopted(0, 1))
    await begun.wait()
    queue.put(_adopted(1, 1))
    draining = asyncio.create_task(queue.drain(5))
    await asyncio.sleep(0)
    held.set()
    await draining
    assert (seen, queue.position) == ([0], 1)
