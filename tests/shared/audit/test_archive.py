"""Each entry is archived once, although processes die, or two of them believe to lead."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from pymongo.errors import AutoReconnect

from shared.audit import archive
from shared.audit.entries import AuditChain, AuditEntry
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.aggregate import Cause, Decision
from shared.storage.record import head_of, state_of
from shared.storage.store import Store
from tests.support.audited_service import archive_of, archive_rows, change_times, run_audited_service
from tests.support.clock import FixedClock
from tests.support.counter import DAY, Counter, increment
from tests.support.service_process import run_service, until


@pytest_asyncio.fixture(loop_scope="session")
async def world(settings: Settings) -> AsyncIterator[tuple[Service, Store[Counter], FixedClock]]:
    async with run_audited_service(settings) as made:
        yield made


@pytest.fixture
def source(world: tuple[Service, Store[Counter], FixedClock]) -> Service:
    return world[0]


@pytest.fixture
def store(world: tuple[Service, Store[Counter], FixedClock]) -> Store[Counter]:
    return world[1]


@pytest.fixture
def unaudited(source: Service) -> Store[Counter]:
    """A store of the same collection without audit, as before the collection was audited."""
    return source.store("counters", Counter)


async def _count_intact(source: Service) -> int:
    """Check that every chain is intact, wherever its entries are. Returns the number of entries."""
    total = 0
    async for document in source.database["counters"].find():
        chain = AuditChain(f"counters/{document['_id']}")
        moved = await source.database["audit"].find({"aggregate": chain.aggregate}, {"_id": 0}).to_list(None)
        for row in sorted([*moved, *document["trail"]], key=lambda row: int(row["n"])):
            chain.follow(row)
        assert chain.end(head_of(document), state_of(document)) == []
        total += chain.head.n
    return total


async def test_save_writes_state_and_entry_at_once(source: Service, store: Store[Counter]) -> None:
    await change_times(store, "a", 2)
    document = await source.database["counters"].find_one({"_id": "a"})
    assert document
    first, second = [AuditEntry.model_validate(row) for row in document["trail"]]
    assert (first.aggregate, first.n, first.before, first.after) == ("counters/a", 1, {}, {"count": 1})
    assert (second.before, second.after, second.reason) == ({"count": 1}, {"count": 2}, "lần 2")
    assert (second.actor, second.action, second.at) == ("person:lan", "count", DAY)
    assert document["audit"] == {"head": second.hash, "n": 2}


async def test_store_without_audit_writes_no_audit_fields(source: Service) -> None:
    store = source.store("plain", Counter)
    await change_times(store, "a", 2)
    document = await source.database["plain"].find_one({"_id": "a"})
    assert document
    assert set(document) == {"_id", "version", "sequence", "handled", "outbox", "count"}


async def test_save_that_changes_nothing_makes_no_entry(source: Service, store: Store[Counter]) -> None:
    saved = await store.save(None, Decision(Counter(count=1)), Cause.command(), id="a")
    again = await store.save(saved, Decision(Counter(count=1)), Cause.command(), id="a")
    assert again.version == 2
    assert await store.load("a") == again
    assert await _count_intact(source) == 1


async def test_saves_one_after_another_without_loading_again(source: Service, store: Store[Counter]) -> None:
    stored = None
    for count in range(4):
        stored = await store.save(stored, Decision(Counter(count=count)), Cause.command(), id="a")
    assert await _count_intact(source) == 4


async def test_loser_of_a_race_leaves_no_entry(source: Service, store: Store[Counter]) -> None:
    old = await store.save(None, Decision(Counter()), Cause.command(), id="a")
    await store.save(old, Decision(Counter(count=5)), Cause.command(), id="a")
    await store.save_many([(old, "a", Decision(Counter(count=9)))], Cause.command())
    await asyncio.gather(*(store.change("a", increment, Cause.command()) for _ in range(4)))
    assert await _count_intact(source) == 6


async def test_entries_of_save_and_save_many_are_archived(source: Service, store: Store[Counter]) -> None:
    ids = [str(number) for number in range(20)]
    await store.save_many([(None, id, Decision(Counter())) for id in ids], Cause.command("import"))
    known = [(stored, stored.id, increment(stored.state)) for stored in await store.find({})]
    await store.save_many(known, Cause.command("tick"))
    await change_times(store, "3", 1)
    assert await archive_of(source).move() == 41
    assert await archive_of(source).move() == 0
    rows = await archive_rows(source)
    assert [row["_id"] for row in rows] == list(range(1, 42))
    assert len({row["hash"] for row in rows}) == 41
    assert await source.database["counters"].count_documents({"trail.n": {"$gte": 1}}) == 0
    await change_times(store, "3", 1)
    assert await _count_intact(source) == 42


async def test_chain_of_an_older_document_begins_with_its_whole_state(
    source: Service, store: Store[Counter], unaudited: Store[Counter]
) -> None:
    await unaudited.save(None, Decision(Counter(count=3)), Cause.command(), id="a")
    await store.change("a", lambda state: Decision(state or Counter()), Cause.command("begin"))
    await change_times(store, "a", 1)
    assert await _count_intact(source) == 2


async def test_aggregate_read_by_a_store_without_audit_is_refused(
    store: Store[Counter], unaudited: Store[Counter]
) -> None:
    read = await unaudited.save(None, Decision(Counter(count=3)), Cause.command(), id="a")
    with pytest.raises(TypeError):
        await store.save(read, Decision(Counter()), Cause.command(), id="a")


async def test_death_between_insert_and_removal_duplicates_nothing(
    source: Service, store: Store[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    remove, deaths = archive._remove, iter([True])

    async def die_once(trail: mongo.Collection, documents: list[mongo.Document], hashes: list[str]) -> None:
        if next(deaths, False):
            raise AutoReconnect("gone")
        await remove(trail, documents, hashes)

    monkeypatch.setattr(archive, "_remove", die_once)
    await change_times(store, "a", 3)
    with pytest.raises(AutoReconnect):
        await archive_of(source).move()
    assert len(await archive_rows(source)) == 3
    assert await _count_intact(source) == 3
    await change_times(store, "a", 1)
    assert await archive_of(source).move() == 4
    assert [row["n"] for row in await archive_rows(source)] == [1, 2, 3, 4]
    assert await _count_intact(source) == 4


async def test_death_during_the_insert_leaves_no_gap(source: Service, store: Store[Counter]) -> None:
    await change_times(store, "a", 5)
    document = await source.database["counters"].find_one({"_id": "a"})
    assert document
    assert len(await archive_of(source).insert(document["trail"][:2])) == 2
    assert await archive_of(source).move() == 5
    assert [(row["_id"], row["n"]) for row in await archive_rows(source)] == [(n, n) for n in range(1, 6)]


async def test_entry_pushed_while_others_are_archived_stays(
    source: Service, store: Store[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = archive._remove

    async def meanwhile(trail: mongo.Collection, documents: list[mongo.Document], hashes: list[str]) -> None:
        await change_times(store, "a", 1)
        await remove(trail, documents, hashes)

    await change_times(store, "a", 2)
    monkeypatch.setattr(archive, "_remove", meanwhile)
    assert await archive_of(source).move() == 2
    document = await source.database["counters"].find_one({"_id": "a"})
    assert document
    assert [row["n"] for row in document["trail"]] == [3]


async def test_two_archives_at_once_archive_each_entry_once(source: Service, store: Store[Counter]) -> None:
    for number in range(30):
        await change_times(store, str(number), 2)

    async def work() -> None:
        while await source.database["counters"].find_one({"trail.n": {"$gte": 1}}):
            await archive_of(source).move()

    await asyncio.gather(work(), work(), change_times(store, "3", 5))
    await archive_of(source).move()
    rows = await archive_rows(source)
    assert [row["_id"] for row in rows] == list(range(1, 66))
    assert len({(row["aggregate"], row["n"]) for row in rows}) == 65
    assert await _count_intact(source) == 65


async def test_late_archive_cannot_use_a_number_again(
    source: Service, store: Store[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive is paused after it read the last number, and another one continues the numbers."""
    await change_times(store, "a", 1)
    await change_times(store, "b", 1)
    a, b = [one["trail"] async for one in store.collection.find({}, {"trail": 1}).sort("_id", 1)]
    insert = type(source.database["audit"]).insert_many

    async def late(audit: mongo.Collection, rows: list[mongo.Document]) -> Any:
        monkeypatch.undo()
        assert await archive_of(source).insert(a) == [a[0]["hash"]]
        return await insert(audit, rows)

    monkeypatch.setattr(type(source.database["audit"]), "insert_many", late)
    assert await archive_of(source).insert(b) == []
    assert [(row["_id"], row["aggregate"]) for row in await archive_rows(source)] == [(1, "counters/a")]
    assert await archive_of(source).insert(b) == [b[0]["hash"]]
    assert [row["_id"] for row in await archive_rows(source)] == [1, 2]


async def test_damaged_entry_stays_and_delays_no_other(source: Service, store: Store[Counter]) -> None:
    await change_times(store, "a", 1)
    await change_times(store, "b", 1)
    await store.collection.update_one({"_id": "a"}, {"$set": {"trail.0.n": "one"}})
    assert await archive_of(source).move() == 1
    assert [row["aggregate"] for row in await archive_rows(source)] == ["counters/b"]
    assert await archive_of(source).move() == 0


async def test_running_service_archives_and_closes_days(settings: Settings) -> None:
    service = Service("subscription", settings, real=FixedClock(datetime(2026, 12, 31, tzinfo=UTC)))
    store = service.store("counters", Counter, audited=True)
    real = service.real
    assert isinstance(real, FixedClock)
    async with run_service(service, Plan(Routes(), [])) as client:
        await change_times(store, "a", 2)

        async def two_there() -> bool:
            return await service.database["audit"].count_documents({}) == 2

        await until(two_there, "two entries in the archive")
        real.move_to(datetime(2027, 1, 1, tzinfo=UTC))

        async def closed() -> Any:
            return await service.database["audit_roots"].find_one({"_id": "2026-12-31"})

        assert (await until(closed, "the day's root"))["count"] == 2
        answer = await client.get("/health/ready")
        assert "archive" in answer.text
