"""Effects that are saved together come to what they come to one by one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord
from faststream.kafka import TestKafkaBroker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pymongo.errors import AutoReconnect

from shared.events.base import Stage
from shared.events.subscription import SubscriptionAdopted, SubscriptionExpiring
from shared.messaging.consumption.partition_queue import Window
from shared.messaging.consumption.record_handler import RecordHandler
from shared.messaging.consumption.subscriber import EventBroker
from shared.messaging.consumption.window_handler import WindowHandler
from shared.messaging.dead_letters.dead_letter import DeadLetters
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.observability.metrics import Metrics
from shared.resilience.errors import NotYet
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision, State
from shared.storage.pooled_change import AnyPooled, PooledChange
from shared.storage.projection import CopyWrite, Projection
from shared.storage.store import Store
from tests.support.clock import FixedClock
from tests.support.counter import DAY, expiring
from tests.support.topic import raw

TOPIC = "subscription.events"
IDLE, REFUSED, UNPOOLED, UNWRITABLE = 1, 2, 3, 4
"""Days left of an event that changes nothing, is refused, can't be pooled, can't be written."""
AMENDED, UNCOPIED = 5, 6
"""Days left of an event that amends the copy too, or can't."""
SHARED = 7
"""Days left of an event whose aggregate is the same for all subscriptions."""
UNASKED = 8
"""Days left of an event that needs no copy."""


class Tally(State):
    """`entries`: of each event the days left, and the copy that it found."""

    entries: tuple[tuple[int, int], ...] = ()
    text: str = ""


class Copy(BaseModel):
    adopted: int


class OneByOne(Routes):
    def pooled_change(self, event: object, envelope: object) -> AnyPooled | None:
        return None


@dataclass(slots=True)
class Tallier:
    """Tallies SubscriptionExpiring by a pooled change, once the copy of SubscriptionAdopted is there. That
    event is tallied too, by an attempt of its own."""

    service: Service
    handler: WindowHandler
    store: Store[Tally]
    copies: Projection[Copy]
    attempts: list[str] = field(default_factory=list)
    dead: set[int] = field(default_factory=set)

    def copy(self, event: SubscriptionAdopted, at: Position) -> Sequence[CopyWrite]:
        return [self.copies.put(event.office_ref, at, {"adopted": at.sequence})]

    def amend(self, event: SubscriptionExpiring, at: Position) -> Sequence[CopyWrite]:
        fields = {AMENDED: {"days": AMENDED}, UNCOPIED: {"adopted.x": UNCOPIED}}.get(event.days_left)
        return [self.copies.amend(event.office_ref, at, fields)] if fields else []

    async def tally(self, event: SubscriptionAdopted, cause: Cause) -> None:
        await self.store.change(event.office_ref, lambda tally: _more(tally, (0, 0)), cause)

    def pool(self, event: SubscriptionExpiring, cause: Cause) -> AnyPooled | None:
        days = event.days_left
        if days == UNPOOLED:
            raise ValueError

        def decide(tally: Tally | None, copy: Copy | None) -> Decision[Tally] | None:
            if copy is None and days != UNASKED:
                raise NotYet(f"copy {event.office_ref}")
            if days == REFUSED:
                raise ValueError
            text = "\ud800" if days == UNWRITABLE else ""
            return None if days == IDLE else _more(tally, (days, copy.adopted if copy else 0), text)

        id = "shared" if days == SHARED else event.office_ref
        return PooledChange(self.store, id, self.copies, event.office_ref, decide, cause)

    async def put(self, record: ConsumerRecord, reason: str) -> None:
        """As DeadLetters do it."""
        self.dead.add(record.offset)

    async def handle(self, *records: ConsumerRecord) -> None:
        settled: list[int] = []
        await self.handler.handle(Window(records, lambda record: settled.append(record.offset)))
        assert sorted(settled) == [record.offset for record in records]

    async def outcome(self) -> tuple[Any, ...]:
        """What is stored, with versions, memory and outbox."""
        database = self.service.database
        stored = [await database[name].find().sort("_id", 1).to_list(None) for name in ("tallies", "copies")]
        parked = await database["parked"].find({}, {"waits_for": 1}).sort("_id", 1).to_list(None)
        return (*stored, parked, self.dead)

    async def clear(self) -> None:
        for name in ("tallies", "copies", "parked"):
            await self.service.database[name].delete_many({})
        self.dead.clear()


def _more(tally: Tally | None, entry: tuple[int, int], text: str = "") -> Decision[Tally]:
    before = tally or Tally()
    entries = (*before.entries, entry)
    return Decision(Tally(entries=entries, text=text), (expiring(entry[0]),))


@asynccontextmanager
async def _tallier(settings: Settings, routes: Routes, namespace: str) -> AsyncIterator[Tallier]:
    service = Service("renewal", settings.model_copy(update={"namespace": namespace}))
    service.clock = FixedClock(DAY)
    nowhere: Any = None
    tallier = Tallier(
        service, nowhere, service.store("tallies", Tally, audited=True), service.projection("copies", Copy)
    )
    service.parked._clock = service.clock
    routes.latest(SubscriptionAdopted, tallier.copy)
    routes.latest(SubscriptionExpiring, tallier.amend)
    routes.once(SubscriptionAdopted, tallier.tally)
    routes.pooled(SubscriptionExpiring, tallier.pool)
    broker = EventBroker("127.0.0.1:1", apply_types=False, logger=None)
    subscriber = broker.subscriber(TOPIC, group_id="group")
    routes.register(subscriber)

    async def attempt(record: ConsumerRecord) -> None:
        tallier.attempts.append(dict(record.headers)["ce_type"].decode().split(".")[3])
        await subscriber.process_message(record)

    async with TestKafkaBroker(broker):
        records = RecordHandler(
            attempt, routes, service.parked, cast("DeadLetters", tallier), Metrics().records, at_once=4
        )
        tallier.handler = WindowHandler(records)
        yield tallier
    service.client.close()


@pytest.fixture
async def both(settings: Settings) -> AsyncIterator[tuple[Tallier, Tallier]]:
    """One that saves together, and one that handles records one by one."""
    async with AsyncExitStack() as stack:
        name = settings.namespace
        yield (
            await stack.enter_async_context(_tallier(settings, Routes(), f"{name}a")),
            await stack.enter_async_context(_tallier(settings, OneByOne(), f"{name}b")),
        )


@pytest.fixture
async def tallier(both: tuple[Tallier, Tallier]) -> Tallier:
    return both[0]


def _expiring(offset: int, key: int, days_left: int = 30) -> ConsumerRecord:
    return _record(offset, key, expiring(key, days_left))


def _adopted(offset: int, key: int) -> ConsumerRecord:
    event = expiring(key)
    shared = event.model_dump(include=set(SubscriptionAdopted.model_fields) & set(type(event).model_fields))
    dates = {"terminates_on": event.expires_on, "deletion_due_on": event.expires_on}
    return _record(offset, key, SubscriptionAdopted(**shared, stage=Stage.ACTIVE, access=(), **dates))


def _record(offset: int, key: int, event: SubscriptionExpiring | SubscriptionAdopted) -> ConsumerRecord:
    one = raw(event, sequence=offset + 1)
    headers = tuple(one.headers)
    return ConsumerRecord(TOPIC, 0, offset, 0, 0, str(key).encode(), one.value, None, 3, 2, headers)


KEYS = st.integers(1, 5)
EVENTS = st.lists(
    st.tuples(KEYS, st.sampled_from([None, IDLE, REFUSED, UNPOOLED, UNWRITABLE, AMENDED, UNASKED, 30, 60])),
    max_size=16,
)
CUTS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), max_size=8)
"""Of each window: how many new records it has, and how many come again before them."""


def _records(events: Sequence[tuple[int, int | None]]) -> list[ConsumerRecord]:
    """`None` days left is an adoption."""
    return [
        _expiring(offset, key, days) if days else _adopted(offset, key)
        for offset, (key, days) in enumerate(events)
    ]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, CUTS)
async def test_any_windows_and_any_that_come_again_come_to_the_same_as_one_by_one(
    both: tuple[Tallier, Tallier],
    monkeypatch: pytest.MonkeyPatch,
    events: list[tuple[int, int | None]],
    cuts: list[tuple[int, int]],
) -> None:
    """And what comes again changes no aggregate. Of five subscriptions three fill a bulk, two a statement."""
    monkeypatch.setattr("shared.messaging.consumption.record_handler._BULK", 3)
    monkeypatch.setattr("shared.storage.bulk._AT_ONCE", 2)
    together, alone = both
    records, first = _records(events), 0
    windows = [records]
    for new, again in cuts:
        windows.append(records[max(first - again, 0) : first + new])
        first += new
    for each in both:
        await each.clear()
    await together.handle(*records)
    once = (await together.outcome())[:2]
    await together.clear()
    for window in windows[1:] + windows[:1]:
        await together.handle(*window)
        for record in window:
            await alone.handle(record)
    outcome = await together.outcome()
    assert outcome == await alone.outcome()
    assert outcome[:2] == once


async def _adopt(tallier: Tallier, *keys: int) -> None:
    await tallier.handle(*(_adopted(key, key) for key in keys))
    tallier.attempts.clear()


async def _entries(tallier: Tallier) -> dict[str, list[int]]:
    """The days of all entries of a tally but those of adoptions."""
    found = tallier.store.collection.find()
    return {one["_id"]: [days for days, _ in one["entries"] if days] async for one in found}


async def test_effects_of_many_subscriptions_need_no_attempt(tallier: Tallier) -> None:
    keys = range(40)
    await _adopt(tallier, *keys)
    records = [_expiring(100 + key, key, 30) for key in keys]
    await tallier.handle(*records)
    await tallier.handle(*records[20:])
    assert await _entries(tallier) == {f"office-{key}": [30] for key in keys}
    assert tallier.attempts == []


async def _know_three_of_four(tallier: Tallier) -> list[ConsumerRecord]:
    """230 offices with a copy, three of four with a tally. Returns a record for each, two of which, in
    different bulks, are of one new aggregate."""
    offices = {key: f"office-{key}" for key in range(230)}
    at = Position("licences", 1)
    await tallier.copies.write([tallier.copies.put(id, at, {"adopted": 1}) for id in offices.values()])
    known = [(None, id, _more(None, (0, 0))) for key, id in offices.items() if key % 4]
    assert await tallier.store.save_many(known, Cause.command())
    return [_expiring(100 + key, key, SHARED if key in (9, 149) else 30) for key in offices]


async def _assert_each_once(tallier: Tallier) -> None:
    """Each record had its effect once, with its event, its version and its audit entry."""
    own = {f"office-{key}": [30] for key in range(230) if key not in (9, 149)}
    assert await _entries(tallier) == {**own, "shared": [SHARED] * 2, "office-9": [], "office-149": []}
    async for tally in tallier.store.collection.find():
        entries = len(tally["entries"])
        assert (tally["version"], tally["sequence"], tally["audit"]["n"]) == (entries,) * 3
        assert (len(tally["outbox"]), [one["n"] for one in tally["trail"]]) == (
            entries,
            list(range(1, entries + 1)),
        )
        assert tally["audit"]["head"] == tally["trail"][-1]["hash"]


async def test_many_bulks_and_statements_save_each_once(tallier: Tallier) -> None:
    records = await _know_three_of_four(tallier)
    await tallier.handle(*records)
    await _assert_each_once(tallier)
    await tallier.handle(*records)
    await _assert_each_once(tallier)
    assert tallier.attempts == []


@pytest.mark.parametrize("error", [AutoReconnect, asyncio.CancelledError])
async def test_a_statement_that_was_made_in_part_is_completed(
    tallier: Tallier, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """Of each bulk every second save is made: inserts and updates. Then the connection is lost, or the
    process dies and the records come again."""
    records = await _know_three_of_four(tallier)
    save, bulks = Store.save_each, count()

    async def half(store: Store[Tally], changes: Any) -> bool:
        if next(bulks) >= 3:
            return await save(store, changes)
        await save(store, list(changes)[::2])
        raise error

    monkeypatch.setattr(Store, "save_each", half)
    if error is asyncio.CancelledError:
        with pytest.raises(asyncio.CancelledError):
            await tallier.handle(*records)
        made = sum(map(len, (await _entries(tallier)).values()))
        assert 0 < made < len(records)
        monkeypatch.undo()
    await tallier.handle(*records)
    await _assert_each_once(tallier)


async def test_a_poisoned_record_in_the_middle_leaves_alone(tallier: Tallier) -> None:
    await _adopt(tallier, *range(1, 9))
    records = [_expiring(100 + key, key, REFUSED if key == 4 else 30) for key in range(1, 10)]
    await tallier.handle(*records)
    assert await _entries(tallier) == {f"office-{key}": [30] * (key != 4) for key in range(1, 9)}
    assert tallier.dead == {104}
    assert [one.waits_for for one in await tallier.service.parked.of()] == ["copy office-9"]
    assert tallier.attempts == ["expiring"] * 2


@pytest.mark.parametrize(("name", "damage"), [("tallies", {"entries": "?"}), ("copies", {"adopted": "?"})])
async def test_one_that_cannot_be_read_is_a_dead_letter(
    tallier: Tallier, name: str, damage: dict[str, str]
) -> None:
    """It isn't decided as if there was no such document."""
    await _adopt(tallier, 1, 2, 3)
    await tallier.service.database[name].update_one({"_id": "office-2"}, {"$set": damage})
    await tallier.handle(*(_expiring(100 + key, key, UNASKED) for key in (1, 2, 3)))
    assert tallier.dead == {102}
    assert await tallier.service.parked.of() == []
    await tallier.store.collection.delete_one({"_id": "office-2"})
    assert await _entries(tallier) == {"office-1": [UNASKED], "office-3": [UNASKED]}


async def test_one_that_cannot_be_written_leaves_alone(tallier: Tallier) -> None:
    await _adopt(tallier, 1, 2, 3)
    await tallier.handle(*(_expiring(100 + key, key, UNWRITABLE if key == 2 else 30) for key in (1, 2, 3)))
    assert await _entries(tallier) == {"office-1": [30], "office-2": [], "office-3": [30]}
    assert tallier.dead == {102}


async def test_one_whose_copy_cannot_be_written_has_no_effect(tallier: Tallier) -> None:
    await _adopt(tallier, 1, 2)
    await tallier.handle(_expiring(101, 1, UNCOPIED), _expiring(102, 2), _expiring(103, 3, AMENDED))
    assert await _entries(tallier) == {"office-1": [], "office-2": [30]}
    assert tallier.dead == {101}
    assert [one.waits_for for one in await tallier.service.parked.of()] == ["copies/office-3"]


async def test_the_later_records_of_one_aggregate_are_handled_alone(tallier: Tallier) -> None:
    await _adopt(tallier, 1, 2, 3)
    records = [_expiring(100 + key, key, SHARED) for key in (1, 2, 3)]
    await tallier.handle(*records)
    await tallier.handle(*records)
    assert (await _entries(tallier))["shared"] == [SHARED] * 3
    assert len(tallier.attempts) == 4


@pytest.mark.parametrize("races", [1, 2])
async def test_another_process_that_saves_meanwhile_loses_nothing(
    tallier: Tallier, monkeypatch: pytest.MonkeyPatch, races: int
) -> None:
    """Between read and write it changes one tally and inserts another: both are read and decided again, and
    after a second lost race handled alone."""
    await _adopt(tallier, 1, 2, 3)
    await tallier.store.collection.delete_one({"_id": "office-2"})
    save, lost = Store.save_each, count()

    async def lose(store: Store[Tally], changes: Any) -> bool:
        if next(lost) < races:
            for id in ("office-1", "office-2"):
                await store.change(id, lambda tally: _more(tally, (9, 0)), Cause.command())
        return await save(store, changes)

    monkeypatch.setattr(Store, "save_each", lose)
    await tallier.handle(*(_expiring(100 + key, key, 30) for key in (1, 2, 3)))
    assert await _entries(tallier) == {
        "office-1": [9] * races + [30], "office-2": [9] * races + [30], "office-3": [30],
    }  # fmt: skip


@pytest.mark.parametrize("written", [False, True])
async def test_a_process_that_dies_at_the_write_does_nothing_twice(
    tallier: Tallier, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    await _adopt(tallier, 1, 2, 3)
    save = Store.save_each

    async def die(store: Store[Tally], changes: Any) -> bool:
        if written:
            await save(store, list(changes)[:2])
        raise asyncio.CancelledError

    records = [_expiring(100 + key, key, 30) for key in (1, 2, 3)]
    with monkeypatch.context() as dying:
        dying.setattr(Store, "save_each", die)
        with pytest.raises(asyncio.CancelledError):
            await tallier.handle(*records)
    assert sum(map(len, (await _entries(tallier)).values())) == (2 if written else 0)
    await tallier.handle(*records)
    assert await _entries(tallier) == {f"office-{key}": [30] for key in (1, 2, 3)}


async def test_a_database_that_is_away_for_a_moment_is_asked_again(
    tallier: Tallier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _adopt(tallier, 1, 2)
    save, tries = Store.save_each, count()

    async def fail(store: Store[Tally], changes: Any) -> bool:
        made = await save(store, changes)
        if not next(tries):
            raise AutoReconnect("the answer is lost")
        return made

    monkeypatch.setattr(Store, "save_each", fail)
    await tallier.handle(_expiring(101, 1), _expiring(102, 2))
    assert await _entries(tallier) == {"office-1": [30], "office-2": [30]}
    assert tallier.attempts == []
