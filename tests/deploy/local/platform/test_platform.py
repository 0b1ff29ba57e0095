"""The platform simulator on real Kafka and MongoDB: each request gets exactly one answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pymongo import MongoClient

from deploy.local.clock.backlog import Backlog
from deploy.local.host.ports import Ports
from deploy.local.platform import platform
from deploy.local.platform.platform import PlatformSettings, compose
from deploy.local.stack.stack import Stack
from shared.events.base import Event
from shared.events.platform import DataDeleted, DataRecoveryAnswered, UsageReported
from shared.messaging.envelope import Envelope
from shared.runtime.service import Service
from shared.runtime.settings import BadSettings, Settings
from shared.time.clock import OffsetClock
from tests.deploy.local.requests import cancelled, deletion_of, recorded, recovery_of
from tests.support.service_process import run_service, until
from tests.support.topic import committed, publish, raw

FIRST, SECOND, THIRD = (UUID(int=n) for n in (1, 2, 3))
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class World:
    service: Service
    settings: Settings

    async def ask(self, *requests: Event) -> None:
        """Publish them, in order, as the subscription service would."""
        records = [raw(event, sequence=number) for number, event in enumerate(requests, 1)]
        await publish(self.settings.kafka, self.service.names.topic("subscription"), *records)

    async def heard(self, count: int) -> None:
        """That many requests are handled."""
        keepings = self.service.database["keepings"]

        async def handled() -> bool:
            return sum([len(k["handled"]) async for k in keepings.find({}, {"handled": 1})]) == count

        await until(handled, f"{count} requests handled")

    def move(self, by: timedelta) -> None:
        clock = self.service.clock
        assert isinstance(clock, OffsetClock)
        clock.move(by)

    async def answers(self, count: int) -> list[tuple[Envelope, Event]]:
        topic = self.service.names.topic("platform")

        async def enough() -> list[tuple[Envelope, Event]] | None:
            found = await committed(self.settings.kafka, topic)
            return found if len(found) >= count else None

        return await until(enough, f"{count} answers")

    def open(self) -> list[str]:
        """What `make clock` would wait for in the platform's database."""
        client: MongoClient[dict[str, Any]] = MongoClient(
            self.settings.mongo.get_secret_value(), tz_aware=True
        )
        with client:
            open = Backlog(client, self.settings).open(self.service.clock.now())
            return [what for what in open if "_platform." in what]


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    service, plan = compose(PlatformSettings(**settings.model_dump(), deletion_seconds=3600))
    async with run_service(service, plan):
        yield World(service, settings)


async def test_data_is_deleted_when_due_and_the_proof_continues_the_requests_chain(world: World) -> None:
    await world.ask(deletion_of("a", FIRST), deletion_of("a", FIRST), recovery_of("a", SECOND))
    await world.heard(3)
    ((_, restored),) = await world.answers(1)
    assert isinstance(restored, DataRecoveryAnswered)
    assert restored.answer == "restored"
    world.move(DAY)
    _, (envelope, deleted) = await world.answers(2)
    assert isinstance(deleted, DataDeleted)
    assert deleted.deletion_id == FIRST
    requests = await committed(world.settings.kafka, world.service.names.topic("subscription"))
    assert envelope.causation_id == requests[0][0].id
    assert envelope.correlation_id == requests[0][0].correlation_id
    assert (envelope.source, envelope.subject) == ("/giahan/platform", str(deleted.subscription_id))
    assert (envelope.aggregate, envelope.sequence) == (f"platform/{deleted.subscription_id}", 2)


async def test_a_cancelled_deletion_is_not_done(world: World) -> None:
    await world.ask(deletion_of("a", FIRST), cancelled("a", FIRST), deletion_of("b", SECOND))
    await world.heard(3)
    world.move(DAY)
    ((_, deleted),) = await world.answers(1)
    assert isinstance(deleted, DataDeleted)
    assert deleted.deletion_id == SECOND
    assert world.open() == []


async def test_use_of_a_few_offices_is_reported_once(world: World) -> None:
    measured, other = "dv-00001", "dv-00041"
    await world.ask(recorded(measured), recorded(measured), recorded(other), recovery_of("a", SECOND))
    await world.heard(3)
    told = [event for _, event in await world.answers(2)]
    (usage,) = [event for event in told if isinstance(event, UsageReported)]
    assert usage.office_ref == measured
    assert 0 <= usage.users_used <= 10


async def test_recovery_after_the_deletion(world: World) -> None:
    await world.ask(deletion_of("a", FIRST))
    await world.heard(1)
    world.move(DAY)
    await world.answers(1)
    await world.ask(deletion_of("a", FIRST), recovery_of("a", SECOND))
    await world.answers(2)
    world.move(40 * DAY)
    await world.ask(deletion_of("a", FIRST), recovery_of("a", SECOND), recovery_of("a", THIRD))
    answers = [event for _, event in await world.answers(3)]
    told = [event.answer for event in answers if isinstance(event, DataRecoveryAnswered)]
    assert told == ["partly", "impossible"]
    assert len(answers) == 3, "a request that comes again is not answered again"


async def test_the_clock_waits_for_a_deletion_that_is_due(settings: Settings) -> None:
    service, plan = compose(PlatformSettings(**settings.model_dump(), deletion_seconds=3600))
    plan.loops = ()
    world = World(service, settings)
    async with run_service(service, plan):
        await world.ask(deletion_of("a", FIRST))
        await world.heard(1)
        assert world.open() == []
        world.move(DAY)
        assert world.open() == [f"{settings.database('platform')}.keepings: việc đến hạn / due"]


def test_it_never_starts_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIAHAN_ENVIRONMENT", "production")
    with pytest.raises(BadSettings, match="runs only with GIAHAN_ENVIRONMENT=local"):
        platform.main()


def test_it_runs_as_a_process_of_its_own_and_follows_the_clock(
    tmp_path: Path, kafka: str, mongo_uri: str, namespace: str
) -> None:
    stack = Stack(tmp_path, Ports.free(), namespace=namespace, kafka=kafka, mongo=mongo_uri, tied=True)
    database = stack.environment.settings().database("stack")
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        client[database]["clock"].insert_one({"_id": "clock", "offset": DAY.total_seconds(), "epoch": 3})
        stack.platform.start()
        try:
            stack.platform.wait_ready()
            acknowledged = client[database]["clock_acks"].find_one({"_id": "platform-api-worker"})
        finally:
            stack.stop()
    assert acknowledged is not None
    assert acknowledged["epoch"] == 3
