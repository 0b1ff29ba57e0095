"""Readiness reports a record that is handled for too long, and unpublished events; a standby is ready."""

import asyncio

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.background.lease import Lease
from shared.events.subscription import SubscriptionExpiring
from shared.messaging import relay
from shared.messaging.consumption import consumer
from shared.messaging.routes import Routes
from shared.runtime import process
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from shared.storage.mongo import Collection, Document
from shared.web.health import Check
from tests.support.counter import counter_store, expiring, save_events
from tests.support.reader import run_reader
from tests.support.service_process import run_service, until
from tests.support.topic import committed, raw


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortens production's limits to seconds."""
    monkeypatch.setattr(consumer, "_WATCH_SECONDS", 0.1)
    monkeypatch.setattr(consumer, "_HELD_UP_SECONDS", 0.3)
    monkeypatch.setattr(process, "_LOOP_LIMIT", 1.0)
    monkeypatch.setattr(process, "_CONSUMER_LIMIT", 1.0)
    monkeypatch.setattr(relay, "_DATABASE_SECONDS", 0.5)


async def _check(client: httpx.AsyncClient, name: str) -> Check:
    answer = await client.get("/health/ready")
    return next(Check.model_validate(check) for check in answer.json() if check["name"] == name)


async def _until_check(client: httpx.AsyncClient, name: str, *, ok: bool) -> str:
    """Wait until the check is `ok` or not. Returns its detail."""

    async def as_expected() -> Check | None:
        check = await _check(client, name)
        return check if check.ok is ok else None

    return (await until(as_expected, f"{name} {'ok' if ok else 'not ok'}")).detail


async def test_record_that_is_handled_for_ever_is_reported_and_ends_nothing(
    settings: Settings, quick: None
) -> None:
    let_go = asyncio.Event()

    async def for_ever(event: SubscriptionExpiring, cause: Cause) -> None:
        await let_go.wait()

    async with run_reader(settings, for_ever) as reader:
        await _until_check(reader.client, "consumer", ok=True)
        await reader.publish(raw(expiring(1), partition=3))
        named = f"{reader.topic}/3/0 in hand for"

        async def is_named() -> bool:
            check = await _check(reader.client, "consumer")
            return not check.ok and named in check.detail

        await until(is_named, named)
        let_go.set()
        await _until_check(reader.client, "consumer", ok=True)


async def test_group_member_without_partitions_is_ready(settings: Settings, quick: None) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(f"{settings.namespace}.subscription.events", 1, 1)])
    await admin.close()
    async with run_reader(settings) as first, run_reader(settings) as second:

        async def shared_out() -> bool:
            details = {
                (await _check(each.client, "consumer")).detail.split(",")[0] for each in (first, second)
            }
            return details == {"1 partitions", "0 partitions"}

        await until(shared_out, "one with the partition, one without")
        await _until_check(first.client, "consumer", ok=True)
        await _until_check(second.client, "consumer", ok=True)
        await first.publish(raw(expiring(1)))
        await first.until_counted(1)


async def test_process_without_a_relay_reports_unpublished_events(settings: Settings) -> None:
    patient = settings.model_copy(update={"unpublished_seconds": 0.2})
    service = Service("subscription", patient)
    store = counter_store(service)
    async with run_service(service, Plan(Routes(), []), "api") as client:
        await _until_check(client, "unpublished", ok=True)
        await save_events(store, 1)
        detail = await _until_check(client, "unpublished", ok=False)
        assert "to be published" in detail
        worker = Service("subscription", patient)
        counter_store(worker)
        async with run_service(worker, Plan(Routes(), []), "worker"):
            await _until_check(client, "unpublished", ok=True)
    assert len(await committed(settings.kafka, f"{settings.namespace}.subscription.events")) == 1


async def test_relay_whose_read_hangs_releases_the_lease_and_publishes_later(
    settings: Settings, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, let_go, hung = relay._pending, asyncio.Event(), asyncio.Event()

    async def hanging(outbox: Collection) -> list[Document]:
        if not let_go.is_set():
            hung.set()
            await asyncio.Event().wait()
        return await real(outbox)

    monkeypatch.setattr(relay, "_pending", hanging)
    service = Service("subscription", settings)
    store = counter_store(service)
    async with run_service(service, Plan(Routes(), [])) as client:
        async with asyncio.timeout(30):
            await hung.wait()
        await save_events(store, 1)
        await _until_check(client, "relay", ok=False)
        other = Lease(service.database["leases"], "relay", "another")

        async def taken() -> bool:
            return await other.acquire() is not None

        await until(taken, "the lease free for another")
        await other.release()
        let_go.set()
        await _until_check(client, "relay", ok=True)
        await until(lambda: _published(settings), "the event in the log")


async def _published(settings: Settings) -> bool:
    return bool(await committed(settings.kafka, f"{settings.namespace}.subscription.events"))
