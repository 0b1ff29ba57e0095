"""Work that one process of a service creates is found by another, although nobody looks by himself here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership
from shared.background.wake import Wake
from shared.messaging.routes import Routes
from shared.runtime.service import Loop, Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import EPOCH
from shared.storage.store import Store
from tests.support.counter import Counter, counter_store, expiring
from tests.support.service_process import run_service, until

NEVER = 100_000.0


@dataclass
class Pair:
    """An api process and a worker of one service. The worker's loop counts the saved counters in `seen`."""

    api: Store[Counter]
    worker: Service
    seen: int = 0

    async def save(self, *, events: bool) -> None:
        event = expiring(1)
        decision = Decision(Counter(count=1), (event,) if events else ())
        await self.api.save(None, decision, Cause.command(), id=event.subscription_id)

    async def step(self, check_leadership: CheckLeadership) -> None:
        self.seen = await self.api.collection.count_documents({})

    async def all_wait(self, client: httpx.AsyncClient) -> None:
        """Until relay and loop have looked, and wait."""

        async def wait() -> bool:
            checks = {check["name"]: check["detail"] for check in (await client.get("/health/ready")).json()}
            return checks["relay"] == "leads" and not self.worker.wakes.relay.is_set

        await until(wait, "the relay to lead")


@asynccontextmanager
async def _pair(settings: Settings) -> AsyncIterator[Pair]:
    patient = settings.model_copy(update={"idle_seconds": NEVER, "relay_poll_seconds": NEVER})
    api, worker = Service("subscription", patient), Service("subscription", patient)
    counter_store(worker)
    pair = Pair(counter_store(api), worker)
    leader_loop = worker.leader_loop("counting", 0.01)

    async def count(heartbeat: Heartbeat) -> None:
        await leader_loop.run(pair.step, heartbeat)

    loops = [Loop(count, Heartbeat("counting", limit=NEVER))]
    async with (
        run_service(worker, Plan(Routes(), [], loops), "worker") as client,
        run_service(api, Plan(Routes(), []), "api"),
    ):
        await pair.all_wait(client)
        yield pair


async def test_relay_publishes_what_another_process_saved(settings: Settings) -> None:
    async with _pair(settings) as pair:
        await pair.save(events=True)

        async def published() -> bool:
            return not await pair.api.collection.find_one({"outbox.at": {"$gt": EPOCH}})

        await until(published, "the event on the topic")


async def test_loop_finds_what_another_process_saved(settings: Settings) -> None:
    async with _pair(settings) as pair:
        await pair.save(events=False)

        async def counted() -> bool:
            return pair.seen == 1

        await until(counted, "the loop's look")


async def test_save_whose_answer_is_lost_wakes_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against: a request that is given up after its write was made tells nobody."""
    service = Service("subscription", settings)
    store = counter_store(service)
    wake: Wake = service.wakes.new()

    async def lost(document: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(store, "collection", type("Lost", (), {"insert_one": staticmethod(lost)})())
    with pytest.raises(asyncio.CancelledError):
        await store.save(None, Decision(Counter(), (expiring(1),)), Cause.command(), id="x")
    assert (wake.is_set, service.wakes.relay.is_set, service.wakes.calling.is_set) == (True, True, True)
    service.client.close()
