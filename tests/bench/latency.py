"""The time from an event's commit in one service to its effect's commit in another, at 100 events/s."""

import asyncio

from shared.events.subscription import SubscriptionExpiring
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from tests.bench.result import Result, limit, percentile
from tests.bench.servers import with_own_namespace
from tests.support.counter import Counter, counter_store, expiring, increment
from tests.support.service_process import run_service

PER_SECOND = 100
WARMING, MEASURED = 200, 1000


async def run(settings: Settings) -> list[Result]:
    settings = with_own_namespace(settings)
    clock = asyncio.get_running_loop()
    source, reader = Service("subscription", settings), Service("renewal", settings)
    saved, effects = counter_store(source), counter_store(reader)
    committed: dict[int, float] = {}
    effective: dict[int, float] = {}
    finished = asyncio.Event()

    async def count(event: SubscriptionExpiring, cause: Cause) -> None:
        await effects.change(event.subscription_id, increment, cause)
        effective[int(event.office_ref.removeprefix("office-"))] = clock.time()
        if len(effective) == WARMING + MEASURED:
            finished.set()

    async def save(number: int) -> None:
        event = expiring(number)
        await saved.save(None, Decision(Counter(), (event,)), Cause.command(), id=event.subscription_id)
        committed[number] = clock.time()

    routes = Routes()
    routes.once(SubscriptionExpiring, count)
    async with (
        run_service(source, Plan(Routes(), [])),
        run_service(reader, Plan(routes, [])),
        asyncio.TaskGroup() as go,
    ):
        began = clock.time()
        for number in range(WARMING + MEASURED):
            await asyncio.sleep(began + number / PER_SECOND - clock.time())
            go.create_task(save(number))
        await finished.wait()
    taken = [1000 * (effective[n] - committed[n]) for n in range(WARMING, WARMING + MEASURED)]
    return [
        limit("committed_to_effect_p50", percentile(taken, 50), at_most=50),
        limit("committed_to_effect_p99", percentile(taken, 99), at_most=250),
    ]
