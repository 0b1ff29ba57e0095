"""The simulated e-invoice system on real Kafka and MongoDB: what it issues, and when."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from deploy.local.platform.invoice_provider import InvoiceOrder, ProviderInvoice
from deploy.local.platform.invoice_recorder import InvoiceRecorder, NotRecorded, ServiceAway
from deploy.local.platform.platform import PlatformSettings, compose
from shared.events.base import Event
from shared.events.invoice import InvoiceRequestCancelled, InvoiceRequestChanged, InvoiceRequested
from shared.ids import derived, subscription_id
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.time.calendar import civil_date
from shared.time.clock import OffsetClock
from tests.contracts.golden import load
from tests.support.service_process import run_service, until
from tests.support.topic import publish, raw

HOUR = timedelta(hours=1)


def event(model: type[Event], n: int, **fields: Any) -> Event:
    golden = load(model.TYPE)
    assert golden is not None
    of = {"subscription_id": subscription_id("a", "qlts"), "office_ref": "a", "product_code": "qlts"}
    return model.model_validate({**golden.example, **of, "renewal_id": derived("r", n), **fields})


@dataclass
class World:
    service: Service
    settings: Settings
    recorded: list[tuple[InvoiceOrder, ProviderInvoice]] = field(default_factory=list)
    away: int = 0
    unrecordable: set[UUID] = field(default_factory=set)

    async def tell(self, *events: Event) -> None:
        topic = self.service.names.topic("renewal")
        records = [
            raw(each, sequence=n, source="renewal", aggregate="invoices") for n, each in enumerate(events, 1)
        ]
        await publish(self.settings.kafka, topic, *records)

    async def knows(self, n: int, **fields: Any) -> None:
        found = {"_id": str(derived("r", n)), **fields}
        await until(lambda: self.service.database["simulated_invoices"].find_one(found), f"{fields}")

    def move(self, by: timedelta) -> None:
        assert isinstance(self.service.clock, OffsetClock)
        self.service.clock.move(by)

    async def record(self, order: InvoiceOrder, issued: ProviderInvoice) -> bool:
        if self.away:
            self.away -= 1
            raise ServiceAway("away")
        if order.renewal_id in self.unrecordable:
            raise NotRecorded("status 500")
        self.recorded.append((order, issued))
        return True


@pytest.fixture
async def world(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    service, plan = compose(PlatformSettings(**settings.model_dump(), invoice_seconds=3600))
    known = World(service, settings)

    async def record(_: InvoiceRecorder, order: InvoiceOrder, issued: ProviderInvoice) -> bool:
        return await known.record(order, issued)

    monkeypatch.setattr(InvoiceRecorder, "record", record)
    async with run_service(service, plan):
        yield known


async def test_issues_the_newest_revision_when_it_is_due(world: World) -> None:
    world.away = 1
    await world.tell(
        event(InvoiceRequested, 1, revision=1, wanted_on=None),
        event(InvoiceRequestChanged, 1, revision=2, wanted_on=None, total_vnd=7),
        event(InvoiceRequested, 2, revision=1, wanted_on=None),
        event(InvoiceRequestCancelled, 2, revision=1),
        event(InvoiceRequested, 3, revision=1, wanted_on="2999-01-01"),
    )
    await world.knows(3)
    assert world.recorded == []
    world.move(2 * HOUR)
    await world.knows(1, recorded=True)
    ((order, issued),) = world.recorded
    assert (order.revision, order.total_vnd) == (2, 7)
    assert issued.dated <= civil_date(world.service.clock.now(), "Asia/Ho_Chi_Minh")
    await world.knows(2, due_at=None, recorded=False)
    world.move(timedelta(days=365 * 973 + 400))
    await world.knows(3, recorded=True)
    assert world.recorded[-1][1].dated == date(2999, 1, 1), "on the wanted day"


async def test_one_that_fails_holds_up_no_other(world: World) -> None:
    """It is tried again later, with the date that it had. A cancellation that came late cancels nothing."""
    failing = derived("r", 5)
    world.unrecordable.add(failing)
    await world.tell(event(InvoiceRequested, 5, revision=1, wanted_on=None))
    await world.knows(5)
    await world.tell(
        event(InvoiceRequested, 6, revision=1, wanted_on=None),
        event(InvoiceRequested, 7, revision=2, wanted_on=None),
        event(InvoiceRequestCancelled, 7, revision=1),
        event(InvoiceRequested, 8, revision=1, wanted_on=None),
    )
    await world.knows(8)
    world.move(2 * HOUR)
    await world.knows(5, attempts=1, recorded=False)
    for other in (6, 7, 8):
        await world.knows(other, recorded=True)
    first = civil_date(world.service.clock.now(), "Asia/Ho_Chi_Minh")
    world.unrecordable.clear()
    world.move(timedelta(days=3))
    await world.knows(5, recorded=True)
    (issued,) = [issued for order, issued in world.recorded if order.renewal_id == failing]
    assert issued.dated <= first
