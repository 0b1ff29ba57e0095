"""A service whose counters are audited. The test runs its archive step by step."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shared.audit.archive import Archive
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from shared.storage.store import Store
from tests.support.clock import FixedClock
from tests.support.counter import DAY, Counter, increment


@asynccontextmanager
async def run_audited_service(
    settings: Settings,
) -> AsyncIterator[tuple[Service, Store[Counter], FixedClock]]:
    """The service, its store and its clock, which stands at DAY until the test moves it."""
    service = Service("subscription", settings)
    clock = FixedClock(DAY)
    service.clock = clock
    store = service.store("counters", Counter, audited=True)
    for collection, indexes in service.indexes.items():
        await collection.create_indexes(indexes)
    yield service, store, clock
    service.client.close()


def archive_of(service: Service) -> Archive:
    return service.archive()


async def change_times(store: Store[Counter], id: str, times: int) -> None:
    """Change the counter so many times, as a person."""
    for number in range(times):
        await store.change(id, increment, Cause.request("lan", "count", f"lần {number + 1}"))


async def archive_rows(service: Service) -> list[dict[str, Any]]:
    """The rows of the archive, in order."""
    return await service.database["audit"].find().sort("_id", 1).to_list(None)
