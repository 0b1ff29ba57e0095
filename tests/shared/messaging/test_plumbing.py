"""From a saved decision over the relay and Kafka to another service's effect, on the real parts."""

from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from tests.support.counter import counters, counting, told
from tests.support.running import running, until


async def test_saved_event_reaches_the_other_service_once(settings: Settings) -> None:
    source = Service("subscription", settings)
    reader = Service("renewal", settings)
    saved, counted = counters(source), counters(reader)
    async with running(source, Plan(Routes(), [])), running(reader, Plan(counting(counted), [])):
        ids = [await told(saved, key, times=3) for key in range(20)]

        async def all_counted() -> bool:
            found = [await counted.load(id) for id in ids]
            return all(stored and stored.state.count == 3 for stored in found)

        await until(all_counted, "three events of each aggregate counted")
        assert await saved.collection.count_documents({"outbox.at": {"$exists": True}}) == 0
