"""The subscription service on real Kafka and MongoDB."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time

from services.subscription.domain.facts import ContractTerms
from shared.events.base import Event
from shared.events.signing import ContractIssued
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    ContractWithheld,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
)
from shared.ids import subscription_id
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.store import Store
from tests.services.subscription.examples import contract, days, moves, registration_of
from tests.services.subscription.plan_steps import reminded
from tests.services.subscription.world import World, row, world
from tests.support.counter import Counter as PublishedEvents
from tests.support.counter import counter_store
from tests.support.people import People
from tests.support.service_process import run_service, until
from tests.support.topic import records


@asynccontextmanager
async def others(settings: Settings) -> AsyncIterator[tuple[Store[PublishedEvents], Store[PublishedEvents]]]:
    """The services that publish events of renewal and signing."""
    renewal, signing = Service("renewal", settings), Service("signing", settings)
    producers = counter_store(renewal), counter_store(signing)
    async with run_service(renewal, Plan(Routes(), [])), run_service(signing, Plan(Routes(), [])):
        yield producers


async def test_schedule_down_over_two_stages_emits_both_in_order(settings: Settings, people: People) -> None:
    """Guards against: a chain of timers that continues from its last run skips a stage."""
    async with world(settings, people, "api") as it:
        last_day = it.today + days(1)
        await it.imports([row("late", last_day)])
        await reminded(it)
    async with world(settings, people) as it:
        it.move_days(40)
        await it.wait_until_idle()
        events = await it.published_about("late")
        assert moves(events) == [
            ("expiring", "locked", last_day + days(1)),
            ("locked", "final_notice", last_day + days(30)),
        ]
        assert [type(e) for e in events] == [
            SubscriptionRecorded,
            SubscriptionAdopted,
            AccessLocked,
            AccessLocked,
        ]


async def test_each_midnight_brings_its_reminder_once(settings: Settings, people: People) -> None:
    async with world(settings, people) as it:
        await it.imports([row("soon", it.today + days(4))])
        await reminded(it)
        for _ in range(5):
            it.move_days(1)
            await it.wait_until_idle()
        events = [
            e for e in await it.published_about("soon") if isinstance(e, SubscriptionExpiring | AccessLocked)
        ]
        assert [getattr(e, "days_left", None) for e in events] == [3, 1, 0, None]


async def test_two_schedules_at_once_tell_each_transition_once(settings: Settings, people: People) -> None:
    """Guards against: the lease's holder wakes up after its lease has ended and finishes its work."""
    async with world(settings, people, "api") as it:
        await it.imports([row(f"dv-{n}", it.today + days(1 + n % 3)) for n in range(90)])
        await reminded(it)
        it.move_days(33)
        one, other = it.schedule(), it.schedule()
        while any(await asyncio.gather(one.tick(), other.tick(), one.tick())):
            pass
    async with world(settings, people) as it:
        it.move_days(33)
        await it.wait_until_idle()
        events = await it.published()
    assert len({envelope.id for envelope, _ in events}) == len(events)
    locked = Counter((e.subscription_id, e.new_stage) for _, e in events if isinstance(e, AccessLocked))
    assert len(locked) == 180
    assert set(locked.values()) == {1}
    orders: dict[str, list[int]] = {}
    for envelope, _ in events:
        orders.setdefault(envelope.aggregate, []).append(envelope.sequence)
    assert all(order == list(range(1, len(order) + 1)) for order in orders.values())


async def test_what_was_read_ahead_and_changed_meanwhile_is_not_emitted_again(
    settings: Settings, people: People
) -> None:
    async with world(settings, people, "api") as it:
        await it.imports([row(f"o-{n}", it.today + days(91)) for n in range(5)])
        it.move_days(2)
        early = replace(it.schedule(), batch=2)
        assert await early.tick() == 2
        assert len(early.read_ahead) == 2
        while await it.schedule().tick():
            pass
        collection = it.service.database["subscriptions"]
        before = [document async for document in collection.find()]
        assert {document["stage"] for document in before} == {"expiring"}
        assert await early.tick() == 2, "what it had read"
        assert await early.tick() == 0
        assert [document async for document in collection.find()] == before


async def test_damaged_documents_do_not_hold_up_the_others(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await it.imports([row(f"o-{n}", it.today + days(91)) for n in range(6)])
        collection = it.service.database["subscriptions"]
        for number in range(4):
            await collection.update_one({"office_ref": f"o-{number}"}, {"$set": {"licence.users": "many"}})
        it.move_days(2)
        schedule = replace(it.schedule(), batch=2)
        while await schedule.tick():
            pass
        moved = await collection.distinct("office_ref", {"stage": "expiring"})
    assert moved == ["o-4", "o-5"]
    assert len(schedule.skipped) == 4


async def test_gate_at_2330_utc_goes_by_the_offices_own_date(settings: Settings, people: People) -> None:
    """Guards against: "today" is taken in UTC."""
    async with world(settings, people, "api") as it:
        day = it.today + days(10)
        await it.imports([row("hanoi", day), row("santiago", day, zone="America/Santiago")])
        await reminded(it)
        it.move_to(datetime.combine(day, time(23, 30), UTC))
        (hanoi,) = (await it.access("hanoi"))["products"]
        (santiago,) = (await it.access("santiago"))["products"]
    assert (hanoi["stage"], hanoi["access"], hanoi["days_overdue"]) == ("locked", [], 1)
    assert hanoi["reason"][0].startswith("Ngày sử dụng cuối cùng là")
    assert (santiago["stage"], santiago["days_left"]) == ("expiring", 0)
    assert santiago["access"] == ["read", "write", "print", "export"]


async def test_gate_does_not_know_an_unknown_office(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        assert await it.access("nobody") == {"office_ref": "nobody", "known": False, "products": []}


async def register(producer: Store[PublishedEvents], *contracts: ContractIssued) -> None:
    """Publish the registrations of contracts as the renewal service does."""
    await issue(producer, *(registration_of(one) for one in contracts))


async def issue(producer: Store[PublishedEvents], *events: Event) -> None:
    """Publish each as its own service does, as a message of its own."""
    for event in events:
        stored = await producer.load(event.subscription_id)
        decision = Decision(PublishedEvents(), (event,))
        await producer.save(stored, decision, Cause.command(), id=event.subscription_id)


def issued(it: World, office_ref: str, basis_in: int, number: int = 1) -> ContractIssued:
    basis = it.today + days(basis_in)
    id = subscription_id(office_ref, "qlts")
    return contract(basis, basis + days(365), number, office_ref=office_ref, subscription_id=id)


async def test_a_repeated_contract_extends_once_and_opens_at_once(settings: Settings, people: People) -> None:
    async with world(settings, people) as it, others(settings) as (renewal, signing):
        await it.imports([row("renews", it.today - days(20))])
        assert (await it.access("renews"))["products"][0]["access"] == []
        first, second = (issued(it, "renews", basis_in=-20, number=number) for number in (1, 2))
        await register(renewal, first, second)
        await issue(signing, first, first, second)

        async def disputing() -> tuple[ContractTerms, ...]:
            return (await it.subscription("renews")).disputed

        disputed = await until(disputing, "the second contract to be disputed")
        kinds = Counter(type(event) for event in await it.published_about("renews"))
        (product,) = (await it.access("renews"))["products"]
    assert (kinds[SubscriptionRenewed], kinds[AccessRestored]) == (1, 1)
    assert (product["stage"], product["access"]) == ("active", ["read", "write", "print", "export"])
    assert product["expires_on"] == first.term.term_to.isoformat()
    assert [item.contract_number for item in disputed] == ["2/2026/HĐ-QLTS"]


async def test_a_contract_that_comes_before_its_subscription_waits_for_it(
    settings: Settings, people: People
) -> None:
    async with world(settings, people) as it, others(settings) as (renewal, signing):
        parked = it.service.database["parked"]
        early = issued(it, "early", basis_in=5)
        await issue(signing, early)
        await until(lambda: parked.find_one({}), "the contract parked")
        await register(renewal, early)
        await it.imports([row("early", it.today + days(5))])
        collection = it.service.database["subscriptions"]
        await until(lambda: collection.find_one({"renewals.0": {"$exists": True}}), "the contract applied")
        kinds = [type(event) for event in await it.published_about("early")]

        async def none_parked() -> bool:
            return await parked.count_documents({}) == 0

        await until(none_parked, "nothing parked any longer")
    assert kinds == [SubscriptionRecorded, SubscriptionAdopted, SubscriptionRenewed, SubscriptionRecorded]


async def test_a_contract_of_an_invented_renewal_gives_nothing(settings: Settings, people: People) -> None:
    """Guards against: anybody who can write to Kafka has the vendor's power. The contract waits, and the desk
    is told. A registration that comes later lets it be applied."""
    async with world(settings, people) as it, others(settings) as (renewal, signing):
        await it.imports([row("locked", it.today - days(20)), row("other", it.today - days(20))])
        invented = issued(it, "locked", basis_in=-20, number=7)
        await issue(signing, invented)

        async def withheld() -> list[ContractWithheld]:
            return [
                event for event in await it.published_about("locked") if isinstance(event, ContractWithheld)
            ]

        (doubted,) = await until(withheld, "the contract withheld")
        assert (doubted.renewal_id, doubted.reason) == (invented.renewal_id, "registration_unknown")
        assert (await it.access("locked"))["products"][0]["access"] == []
        await register(renewal, issued(it, "other", basis_in=-20, number=7))
        await register(renewal, invented)
        collection = it.service.database["subscriptions"]
        renewed = {"office_ref": "locked", "renewals.0": {"$exists": True}}
        await until(lambda: collection.find_one(renewed), "the contract applied")
        assert (await it.subscription("locked")).withheld == ()


async def test_a_contract_that_differs_from_its_registration_is_dead_lettered(
    settings: Settings, people: People
) -> None:
    async with world(settings, people) as it, others(settings) as (renewal, signing):
        await it.imports([row("locked", it.today - days(20))])
        true = issued(it, "locked", basis_in=-20)
        await register(renewal, true)
        collection = it.service.database["subscriptions"]
        await until(
            lambda: collection.find_one({f"registrations.{true.renewal_id}": {"$exists": True}}), "known"
        )
        await issue(signing, true.model_copy(update={"users": 999}))
        dead = it.service.names.dead("subscription")

        async def died() -> list[DeadLetter]:
            return [DeadLetter.read(record) for record in await records(settings.kafka, dead)]

        (letter,) = await until(died, "the dead letter")
        assert letter.reason.endswith("order_differs")
        assert (await it.access("locked"))["products"][0]["access"] == []
