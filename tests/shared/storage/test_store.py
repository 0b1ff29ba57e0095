"""The behaviour of a store, tested with the real MongoDB and with the fake that tests of handlers use."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from shared.ids import fresh
from shared.resilience.errors import AlreadyExists, Conflict, VersionMismatch
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import MEMORY, Cause, Decision, State
from shared.storage.mongo import BulkWriteError, Document, IndexModel, is_transient
from shared.storage.record import LARGEST, TooLarge
from shared.storage.store import Store
from tests.support.clock import FixedClock
from tests.support.counter import DAY, expiring
from tests.support.memory import MemoryStore


class Account(State):
    name: str = "a"
    count: int = 0
    due: date | None = None


@pytest.fixture(params=["memory", "mongodb"])
async def store(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Store[Account]]:
    if request.param == "memory":
        yield MemoryStore(Account, clock=FixedClock(DAY), unique=["name"])
        return
    service = Service("subscription", settings)
    service.clock = FixedClock(DAY)
    made = service.store("accounts", Account, IndexModel([("name", 1)], name="name", unique=True))
    await made.collection.create_indexes(service.indexes[made.collection])
    yield made
    service.client.close()


def _more(state: Account | None) -> Decision[Account]:
    before = state or Account()
    return Decision(before.model_copy(update={"count": before.count + 1}), (expiring(1), expiring(1)))


def _alike(document: Document) -> Document:
    """Without what names the document; of the lists only the lengths."""
    named = {name: len(document.get(name, [])) for name in ("_id", "outbox", "trail")}
    return {**document, **named, "audit": document["audit"]["n"]}


def _message() -> Cause:
    return Cause(message_id=fresh(), correlation_id=fresh())


async def test_saved_state_is_loaded(store: Store[Account]) -> None:
    state = Account(name="Trường Tiểu học Ba Đình", count=7, due=date(2028, 2, 29))
    cause = _message()
    saved = await store.save(None, Decision(state, (expiring(1),)), cause, id="a")
    loaded = await store.load("a")
    assert loaded == saved
    assert (saved.state, saved.version, saved.sequence) == (state, 1, 1)
    assert list(saved.handled) == [cause.message_id]
    assert await store.load("b") is None


async def test_sequence_rises_by_event_and_version_by_save(store: Store[Account]) -> None:
    for _ in range(3):
        await store.change("a", _more, Cause.command())
    stored = await store.load("a")
    assert stored
    assert (stored.version, stored.sequence, stored.state.count) == (3, 6, 3)


async def test_second_save_of_one_loaded_state_conflicts(store: Store[Account]) -> None:
    stored = await store.save(None, Decision(Account()), Cause.command(), id="a")
    await store.save(stored, _more(stored.state), Cause.command(), id="a")
    with pytest.raises(Conflict):
        await store.save(stored, _more(stored.state), Cause.command(), id="a")


async def test_second_insert_of_one_id_conflicts(store: Store[Account]) -> None:
    await store.save(None, Decision(Account()), Cause.command(), id="a")
    with pytest.raises(Conflict):
        await store.save(None, Decision(Account()), Cause.command(), id="a")


async def test_concurrent_changes_of_a_missing_aggregate_all_succeed(store: Store[Account]) -> None:
    await asyncio.gather(*(store.change("a", _more, Cause.command()) for _ in range(4)))
    stored = await store.load("a")
    assert stored
    assert stored.state.count == 4


async def test_decision_that_awaits_is_made_again_for_the_state_that_won(store: Store[Account]) -> None:
    seen: list[int] = []

    async def decide(state: Account | None) -> Decision[Account]:
        if not seen:
            await store.change("a", _more, Cause.command())
        seen.append(state.count if state else 0)
        return _more(state)

    stored = await store.change("a", decide, Cause.command())
    assert (seen, stored and stored.state.count) == ([0, 1], 2)


@pytest.mark.parametrize("expected", [0, 1, 3])
async def test_another_version_than_a_person_saw_is_refused_undecided(
    store: Store[Account], expected: int
) -> None:
    await store.change("a", _more, Cause.command())
    known = await store.change("a", _more, Cause.command())
    assert known
    with pytest.raises(VersionMismatch):
        await store.change(
            "a", lambda state: pytest.fail("decided"), Cause.command(), expected_version=expected
        )
    assert await store.load("a") == known
    saved = await store.change("a", _more, Cause.command(), expected_version=known.version)
    assert saved
    assert saved.version == known.version + 1


async def test_version_of_what_is_not_there_is_refused(store: Store[Account]) -> None:
    with pytest.raises(VersionMismatch):
        await store.change("a", _more, Cause.command(), expected_version=1)
    assert await store.load("a") is None
    assert await store.change("a", _more, Cause.command(), expected_version=0)


async def test_request_is_done_once_although_the_version_that_it_saw_is_gone(store: Store[Account]) -> None:
    await store.change("a", _more, Cause.command())
    cause = _message()
    first = await store.change("a", _more, cause, expected_version=1)
    assert await store.change("a", _more, cause, expected_version=1) == first


async def test_unique_index_refuses_another_aggregate(store: Store[Account]) -> None:
    await store.save(None, Decision(Account(name="one")), Cause.command(), id="a")
    with pytest.raises(AlreadyExists):
        await store.save(None, Decision(Account(name="one")), Cause.command(), id="b")


async def test_message_is_handled_once(store: Store[Account]) -> None:
    cause = _message()
    await store.change("a", _more, cause)
    await store.change("a", _more, Cause.command())
    await store.change("a", _more, cause)
    stored = await store.load("a")
    assert stored
    assert stored.state.count == 2


async def test_message_is_forgotten_after_the_retention_of_its_copies(store: Store[Account]) -> None:
    clock = store._clock
    assert isinstance(clock, FixedClock)
    first, second = _message(), _message()
    await store.change("a", _more, first)
    clock.move_to(DAY + MEMORY - timedelta(days=1))
    await store.change("a", _more, second)
    clock.move_to(DAY + MEMORY)
    stored = await store.change("a", _more, Cause.command())
    assert stored
    assert list(stored.handled) == [second.message_id]


async def test_no_decision_changes_nothing(store: Store[Account]) -> None:
    assert await store.change("a", lambda state: None, _message()) is None
    saved = await store.save(None, Decision(Account()), Cause.command(), id="a")
    assert await store.change("a", lambda state: None, _message()) == saved


async def test_save_many_skips_lost_races_and_tells(store: Store[Account]) -> None:
    old = await store.save(None, Decision(Account(name="a")), Cause.command(), id="a")
    await store.save(old, Decision(Account(name="a", count=9)), Cause.command(), id="a")
    changes = [(old, "a", _more(old.state)), (None, "b", Decision(Account(name="b")))]
    assert not await store.save_many(changes, Cause.command())
    found = await store.find({}, sort=[("name", 1)])
    assert [stored.state.count for stored in found] == [9, 0]
    moved = [(stored, stored.id, _more(stored.state)) for stored in found]
    assert await store.save_many([*moved, (None, "c", Decision(Account(name="c")))], Cause.command())
    assert not await store.save_many([(None, "c", Decision(Account(name="d")))], Cause.command())
    assert await store.save_many([], Cause.command())


async def test_of_many_saves_each_is_made_once(store: Store[Account]) -> None:
    ids = [f"{number:03}" for number in range(120)]
    await store.save_many([(None, id, Decision(Account(name=id))) for id in ids], Cause.command())
    found = await store.find({})
    for stored in found[::7]:
        await store.save(stored, _more(stored.state), Cause.command(), id=stored.id)
    changes = [(stored, stored.id, _more(stored.state)) for stored in found]
    assert not any(
        await asyncio.gather(
            store.save_many(changes, Cause.command()), store.save_many(changes, Cause.command())
        )
    )
    after = await store.find({})
    assert [(one.id, one.state.name) for one in sorted(after, key=lambda one: one.id)] == list(
        zip(ids, ids, strict=True)
    )
    assert {(one.state.count, one.version, one.sequence) for one in after} == {(1, 2, 2)}


async def test_one_save_writes_what_many_write(settings: Settings) -> None:
    """Also values that the server could take for an expression, and lists that others emptied."""
    service = Service("subscription", settings)
    service.clock = FixedClock(DAY)
    store = service.store("accounts", Account, audited=True)
    values = [Account(name="$name", due=date(2028, 2, 29)), Account(name="$$ROOT", count=7), Account()]
    for names in ("ab", "cd", "ef"):
        for name in names:
            await store.save(None, _more(None), Cause.command(), id=name)
    await store.collection.update_many({}, {"$set": {"outbox": []}, "$unset": {"trail": 1}})
    cause = Cause(message_id=None, correlation_id=fresh())
    found = {stored.id: stored for stored in await store.find({})}
    decisions = dict(zip("ace", (Decision(value, (expiring(1),)) for value in values), strict=True))
    decisions["e"] = Decision(found["e"].state)
    assert await store.save_many([(found[id], id, made) for id, made in decisions.items()], cause)
    for one, other in zip("ace", "bdf", strict=True):
        await store.save(found[other], decisions[one], cause, id=other)
    documents = {document["_id"]: document async for document in store.collection.find({})}
    for one, other in zip("ace", "bdf", strict=True):
        assert _alike(documents[one]) == _alike(documents[other])
        assert len(documents[one]["outbox"]) == len(decisions[one].events)
    service.client.close()


async def test_many_of_the_largest_are_saved_at_once(settings: Settings) -> None:
    service = Service("subscription", settings)
    store = service.store("accounts", Account)
    large = Account(name="x" * (LARGEST - 2000))
    ids = [str(number) for number in range(60)]
    await store.save_many([(None, id, Decision(Account())) for id in ids], Cause.command())
    changes = [(stored, stored.id, Decision(large)) for stored in await store.find({})]
    assert await store.save_many(changes, Cause.command())
    assert await store.collection.count_documents({"name": large.name, "version": 2}) == len(ids)
    service.client.close()


@pytest.fixture
async def named(settings: Settings) -> AsyncIterator[Store[Account]]:
    """A store on the real database, whose accounts `a`, `b` and `c` have different names."""
    service = Service("subscription", settings)
    made = service.store("accounts", Account, IndexModel([("name", 1)], name="one_name", unique=True))
    await made.collection.create_indexes(service.indexes[made.collection])
    await made.save_many([(None, id, Decision(Account(name=id))) for id in "abc"], Cause.command())
    yield made
    service.client.close()


async def test_an_index_that_keeps_others_from_being_saved_is_logged(
    named: Store[Account], caplog: pytest.LogCaptureFixture
) -> None:
    """Its name alone: the values may be an office's."""

    async def save(name: str) -> bool:
        found = await named.find({"_id": {"$in": ["a", "b"]}}, sort=[("_id", 1)])
        accounts = [Account(name=name), Account(name="b", count=7)]
        changes = [(one, one.id, Decision(account)) for one, account in zip(found, accounts, strict=True)]
        return await named.save_many([*changes, (None, "c", Decision(Account(name="d")))], Cause.command())

    assert not await save("free")
    assert [record.msg for record in caplog.records] == [], "only the insert lost its race"
    assert not await save("c")
    (line,) = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert (line["event"], line["level"]) == ("store.refused", "error")
    assert (line["collection"], line["index"]) == ("accounts", "one_name")
    assert {one.id: one.state.name for one in await named.find({})} == {"a": "free", "b": "b", "c": "c"}


@pytest.mark.parametrize("name", ["free", "c"])
async def test_saves_that_may_be_undone_are_no_lost_race(named: Store[Account], name: str) -> None:
    """Whether or not a unique index refuses one of them too."""
    found = await named.find({"_id": {"$in": ["a", "b"]}}, sort=[("_id", 1)])
    changes = [(found[0], "a", Decision(Account(name=name))), (None, "c", Decision(Account(name="d")))]
    concern = {"code": 64, "errmsg": "waiting for replication timed out"}
    database = named.collection.database
    place = f"{database.name}.{named.collection.name}"
    fault = {"failCommands": ["update"], "namespace": place, "writeConcernError": concern}
    admin = database.client.admin
    await admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": fault})
    with pytest.raises(BulkWriteError) as raised:
        await named.save_many(changes if name == "c" else changes[:1], Cause.command())
    assert is_transient(raised.value)


async def test_find_by_value_and_by_limit(store: Store[Account]) -> None:
    for number in range(4):
        state = Account(name=str(number), count=number)
        await store.save(None, Decision(state), Cause.command(), id=str(number))
    found = await store.find({"count": {"$lte": 2}}, sort=[("count", -1)], limit=2)
    assert [stored.state.count for stored in found] == [2, 1]
    assert [stored.id for stored in await store.find({"name": "3"})] == ["3"]


async def test_repeated_decision_makes_the_same_event_ids(settings: Settings) -> None:
    one, other = (MemoryStore(Account, clock=FixedClock(DAY)) for _ in range(2))
    for store in (one, other):
        await store.change("a", _more, Cause.command())
    assert [envelope.id for envelope in one.sent] == [envelope.id for envelope in other.sent]
    assert len({envelope.id for envelope in one.sent}) == 2


async def test_too_large_aggregate_is_refused(settings: Settings) -> None:
    service = Service("subscription", settings)
    store = service.store("accounts", Account)
    with pytest.raises(TooLarge):
        await store.save(None, Decision(Account(name="x" * LARGEST)), Cause.command(), id="a")
    service.client.close()


async def test_save_does_not_restore_a_published_event(settings: Settings) -> None:
    """Replacing the whole document would do so, if the relay removed the event meanwhile."""
    service = Service("subscription", settings)
    store = service.store("accounts", Account)
    stored = await store.save(None, _more(None), Cause.command(), id="a")
    await store.collection.update_one({"_id": "a"}, {"$set": {"outbox": []}})
    await store.save(stored, Decision(Account(), (expiring(1),)), Cause.command(), id="a")
    document = await store.collection.find_one({"_id": "a"})
    assert document
    assert [dict(map(tuple, one["headers"]))["ce_sequence"] for one in document["outbox"]] == [b"3"]
    service.client.close()
