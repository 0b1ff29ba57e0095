"""From a saved decision through the relay and Kafka to the effect in another service, with real servers."""

from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from tests.support.counter import counter_store, counting_routes, save_events
from tests.support.service_process import run_service, until


async def test_saved_event_reaches_the_other_service_once(settings: Settings) -> None:
    source = Service("subscription", settings)
    reader = Service("renewal", settings)
    saved, counted = counter_store(source), counter_store(reader)
    async with (
        run_service(source, Plan(Routes(), [])),
        run_service(reader, Plan(counting_routes(counted), [])),
    ):
        ids = [await save_events(saved, key, times=3) for key in range(20)]

        async def all_counted() -> bool:
            found = [await counted.load(id) for id in ids]
            return all(stored and stored.state.count == 3 for stored in found)

        await until(all_counted, "three events of each aggregate counted")
        assert await saved.collection.count_documents({"outbox.at": {"$exists": True}}) == 0
