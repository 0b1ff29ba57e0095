"""A republication tells the present state of all aggregates again: whoever copies it catches up, and nothing
has its effect twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel

from shared import ids
from shared.events.subscription import SubscriptionExpiring
from shared.messaging.broker import republication_producer
from shared.messaging.envelope import Envelope, Position
from shared.messaging.republication import republisher
from shared.messaging.republication.republications import Republication
from shared.messaging.republication.republisher import Republished, Republisher
from shared.messaging.routes import Routes
from shared.resilience.errors import Conflict
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision, Stored, envelopes
from shared.storage.projection import CopyWrite
from shared.storage.store import Store
from tests.support.counter import DAY, Counter, counter_store, expiring, increment
from tests.support.service_process import run_service, until
from tests.support.topic import committed

OFFICES = 30


class Copy(BaseModel):
    days_left: int


def tell(state: Counter, *, now: datetime) -> SubscriptionExpiring:
    """The counter of an office says which office it is."""
    return expiring(state.count, days_left=state.count)


async def save_counters(source: Service) -> Store[Counter]:
    store = counter_store(source)
    source.republished.append(Republished(store, {}, tell))
    for key in range(OFFICES):
        event = expiring(key, days_left=key)
        decision = Decision(Counter(count=key), (event,))
        await store.save(None, decision, Cause.command(), id=event.subscription_id)
    return store


@asynccontextmanager
async def running(settings: Settings, *, effects: bool = False) -> AsyncIterator[tuple[Service, Any]]:
    """A reader that copies `days_left`, and counts the events if it has effects."""
    reader = Service("renewal", settings)
    copies, counted = reader.projection("copies", Copy), counter_store(reader)

    def copy(event: SubscriptionExpiring, at: Position) -> list[CopyWrite]:
        return [copies.put(event.subscription_id, at, {"days_left": event.days_left})]

    async def count(event: SubscriptionExpiring, cause: Cause) -> None:
        await counted.change(event.subscription_id, increment, cause)

    routes = Routes()
    routes.latest(SubscriptionExpiring, copy)
    if effects:
        routes.once(SubscriptionExpiring, count)
    async with run_service(reader, Plan(routes, [])):
        yield reader, copies


def request(number: int = 1) -> Republication:
    return Republication(id=ids.derived("test", number), by="ops-1", because="a lost copy", at=DAY)


async def finish(source: Service, wanted: Republication) -> Republication:
    await source.republications.ask(wanted)

    async def finished() -> Republication | None:
        known = {one.id: one for one in await source.republications.newest()}[wanted.id]
        return known if known.finished_at else None

    return await until(finished, "the republication")


class Died(Exception):
    """The process ends here."""


async def dying(before: Republication, after: Republication) -> None:
    raise Died


async def leads() -> None:
    """This process leads."""


def republisher_of(source: Service, rate: float) -> Republisher:
    async def pause(seconds: float) -> None:
        assert seconds <= 1, "less than the leadership lasts"

    connection, topic = source.settings.connection, source.names.topic(source.name)
    return Republisher(
        source.name,
        topic,
        source.republished,
        source.republications,
        lambda: republication_producer(connection),
        source.clock,
        source.real,
        rate,
        pause,
    )


async def copied(reader: Service) -> int:
    return await reader.database["copies"].count_documents({})


async def test_lost_copies_come_back_and_no_effect_is_repeated(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(republisher, "PAGE", 7)
    source = Service("subscription", settings)
    routes = Routes()
    routes.latest(SubscriptionExpiring)
    await save_counters(source)
    async with run_service(source, Plan(routes, [])), running(settings, effects=True) as (reader, copies):

        async def all_copied() -> bool:
            return await copied(reader) == OFFICES

        await until(all_copied, "the first copies")
        await reader.database["copies"].delete_many({})
        done = await finish(source, request())
        await until(all_copied, "the copies again")
        counts = [one["count"] async for one in reader.database["counters"].find({})]
        assert (done.published, done.left_out) == (OFFICES, 0)
        assert counts == [1] * OFFICES
        for key in range(OFFICES):
            found = await copies.get(expiring(key).subscription_id)
            assert found == Copy(days_left=key)


async def test_a_wrong_copy_of_the_same_place_is_mended(settings: Settings) -> None:
    source = Service("subscription", settings)
    routes = Routes()
    routes.latest(SubscriptionExpiring)
    await save_counters(source)
    async with run_service(source, Plan(routes, [])), running(settings) as (reader, copies):

        async def all_copied() -> bool:
            return await copied(reader) == OFFICES

        await until(all_copied, "the first copies")
        await reader.database["copies"].update_many({}, {"$set": {"days_left": 999}})
        await finish(source, request())

        async def all_mended() -> bool:
            return await reader.database["copies"].count_documents({"days_left": 999}) == 0

        await until(all_mended, "the copies as they should be")
        assert await copies.get(expiring(7).subscription_id) == Copy(days_left=7)


async def test_one_that_cannot_be_told_holds_up_no_other(settings: Settings) -> None:
    """Its policy is no longer configured."""

    def refuse_three(state: Counter, *, now: datetime) -> SubscriptionExpiring:
        if state.count == 3:
            raise KeyError("a policy that is gone")
        return tell(state, now=now)

    source = Service("subscription", settings)
    routes = Routes()
    routes.latest(SubscriptionExpiring)
    store = await save_counters(source)
    source.republished[:] = [Republished(store, {}, refuse_three)]
    async with run_service(source, Plan(routes, [])):
        done = await finish(source, request())
    assert (done.published, done.left_out) == (OFFICES - 1, 1)


async def test_redrives_get_their_turn_and_the_next_leader_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process dies after each line of a page: the page is published again, under the same ids."""
    monkeypatch.setattr(republisher, "_PAGES", 2)
    source = Service("subscription", settings)
    await source.prepare([])
    store = await save_counters(source)
    await store.collection.update_many({}, {"$set": {"outbox": []}})
    await source.republications.ask(request())
    one = republisher_of(source, rate=20)  # ten aggregates a page
    saved = source.republications.save
    monkeypatch.setattr(source.republications, "save", dying)
    with pytest.raises(Died):
        await one.sweep(leads)
    monkeypatch.setattr(source.republications, "save", saved)
    assert [await one.sweep(leads) for _ in range(3)] == [True, True, False]
    told = [envelope for envelope, _ in await committed(settings.kafka, source.names.topic(source.name))]
    (done,) = await source.republications.newest()
    assert done.published == OFFICES
    assert done.finished_at is not None
    assert len(told) == OFFICES + 10
    assert len({envelope.id for envelope in told}) == OFFICES
    source.client.close()


async def test_progress_of_a_paused_leader_is_refused(settings: Settings) -> None:
    source = Service("subscription", settings)
    await source.prepare_database()
    known = await source.republications.ask(request())
    await source.republications.save(known, known.gone_on("b", 2, 0))
    with pytest.raises(Conflict):
        await source.republications.save(known, known.gone_on("a", 1, 0))
    source.client.close()


async def test_two_requests_at_once_are_one(settings: Settings) -> None:
    source = Service("subscription", settings)
    await source.prepare_database()
    asked = await asyncio.gather(*(source.republications.ask(request(n)) for n in range(5)))
    assert len({one.id for one in asked}) == 1
    assert len(await source.republications.newest()) == 1
    source.client.close()


async def test_a_withdrawn_request_ends_where_it_is(settings: Settings) -> None:
    source = Service("subscription", settings)
    await source.prepare_database()
    known = await source.republications.ask(request())
    ended = await source.republications.withdraw(known.id, "ops-2", DAY)
    assert ended is not None
    assert (ended.finished_at, ended.withdrawn_by) == (DAY, "ops-2")
    with pytest.raises(Conflict):
        await source.republications.save(known, known.gone_on("a", 1, 0))
    assert await source.republications.pending() is None
    source.client.close()


async def test_records_have_the_sequence_of_the_last_event_and_an_id_of_their_own(
    settings: Settings,
) -> None:
    source = Service("subscription", settings)
    routes = Routes()
    routes.latest(SubscriptionExpiring)
    await save_counters(source)
    async with run_service(source, Plan(routes, [])):
        await finish(source, request(1))
        await finish(source, request(2))
    told = [envelope for envelope, _ in await committed(settings.kafka, source.names.topic(source.name))]
    again = [envelope for envelope in told if envelope.republished]
    assert len(told) == 3 * OFFICES
    assert len({envelope.id for envelope in told}) == 3 * OFFICES
    assert len(again) == 2 * OFFICES
    assert {envelope.sequence for envelope in again} == {1}


async def test_a_state_waits_until_its_events_are_published(settings: Settings) -> None:
    """Before that, the record of the state would hide the event from those who copy."""
    source = Service("subscription", settings)
    await source.prepare_database()
    store = await save_counters(source)
    first, *_, last = sorted(str(expiring(key).subscription_id) for key in range(OFFICES))
    await store.collection.update_many({"_id": {"$ne": last}}, {"$set": {"outbox": []}})
    page = await store.published_after("", {}, 500)
    assert (page.last, len(page.stored), page.waits) == (page.stored[-1].id, OFFICES - 1, True)
    page = await store.published_after(page.stored[-1].id, {}, 500)
    assert (page.last, page.stored, page.waits) == (None, [], True)
    await store.collection.update_one({"_id": last}, {"$set": {"outbox": []}})
    page = await store.published_after(first, {}, 500)
    assert (page.last, len(page.stored), page.waits) == (last, OFFICES - 1, False)
    source.client.close()


async def test_an_unreadable_document_is_left_out(settings: Settings) -> None:
    source = Service("subscription", settings)
    await source.prepare_database()
    store = await save_counters(source)
    await store.collection.update_many({}, {"$set": {"outbox": []}})
    damaged = str(expiring(3).subscription_id)
    await store.collection.update_one({"_id": damaged}, {"$set": {"count": "many"}})
    page = await store.published_after("", {}, 500)
    assert (len(page.stored), page.unreadable) == (OFFICES - 1, [damaged])
    source.client.close()


async def test_a_second_request_joins_the_one_that_runs(settings: Settings) -> None:
    source = Service("subscription", settings)
    await source.prepare_database()
    first = await source.republications.ask(request(1))
    assert await source.republications.ask(request(2)) == first
    assert await source.republications.newest() == [first]
    await source.republications.save(first, first.model_copy(update={"finished_at": DAY}))
    assert (await source.republications.ask(request(2))).id == request(2).id
    source.client.close()


def test_the_header_is_read_and_written() -> None:
    (envelope,) = envelopes("subscription", Stored("a", Counter()), (expiring(1),), Cause.command(), DAY)
    for one in (envelope, replace(envelope, republished=True)):
        assert Envelope.parse(one.headers(), one.body) == one
