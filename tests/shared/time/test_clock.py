"""Production's clock cannot be moved, whatever is written to the database that the local stack uses."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.time.clock import OffsetClock
from tests.support.clock import FixedClock
from tests.support.service_process import run_service, until

REAL = datetime(2026, 12, 30, 5, tzinfo=UTC)
OFFSET = timedelta(days=3)


async def _with_moved_clock(settings: Settings) -> tuple[Service, list[str]]:
    """Run a service while the clock is moved. Returns the service, and who acknowledged the move."""
    service = Service("subscription", settings, real=FixedClock(REAL))
    stack = service.client[settings.database("stack")]
    await stack["clock"].insert_one({"_id": "clock", "offset": OFFSET.total_seconds(), "epoch": 7})
    async with run_service(service, Plan(Routes(), []), "api") as client:

        async def answers() -> bool:
            return (await client.get("/health/ready")).status_code == 200

        await until(answers, "ready")
        return service, await stack["clock_acks"].distinct("_id")


async def test_the_local_stacks_clock_moves(settings: Settings) -> None:
    service, acknowledged = await _with_moved_clock(settings)
    assert service.clock.now() == REAL + OFFSET
    assert acknowledged == ["subscription-api"]


async def test_productions_clock_cannot_be_moved(settings: Settings) -> None:
    own = settings.model_copy(update={"environment": "production"})
    service, acknowledged = await _with_moved_clock(own)
    assert service.clock.now() == REAL
    assert not isinstance(service.clock, OffsetClock)
    assert acknowledged == []


@pytest.mark.parametrize("back", [timedelta(0), timedelta(seconds=1), timedelta(days=2)])
def test_a_clock_never_moves_back(back: timedelta) -> None:
    clock = OffsetClock(FixedClock(REAL))
    clock.move(OFFSET)
    clock.move(OFFSET - back)
    assert clock.now() == REAL + OFFSET
