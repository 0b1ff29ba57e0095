"""The subscription service in a test: with a clock that the test moves, and a platform that imports."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx

from services.subscription.domain.changes.hold_limit import HoldLimit
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from services.subscription.imports.applier import ImportApplier
from services.subscription.imports.row_decider import RowDecider
from services.subscription.imports.state import Import
from services.subscription.imports.store import ImportRows, Imports
from services.subscription.lifecycle.scheduler import LifecycleScheduler
from services.subscription.main import compose
from services.subscription.policies import load_policies, load_products
from services.subscription.settings import SubscriptionSettings
from services.subscription.spreadsheet.reader import write_rows
from services.subscription.spreadsheet.row import Row
from services.subscription.store import Subscriptions
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.background.wake import Wakes
from shared.events.base import Event
from shared.ids import subscription_id
from shared.messaging.envelope import Envelope
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from shared.storage.store import Store, require_known
from shared.time.calendar import civil_date
from shared.time.clock import Clock, OffsetClock
from shared.web.people import Role
from tests.services.subscription.examples import HANOI, licence
from tests.support.people import People
from tests.support.service_process import run_service, until
from tests.support.topic import committed


def row(office_ref: str, expires_on: date, **changes: Any) -> Row:
    fields = licence(expires_on, **changes).model_dump()
    return Row.model_validate(
        {**fields, "office_ref": office_ref, "product_code": "qlts", "users": str(fields["users"]),
         "expires_on": expires_on.isoformat()},
        context={"policies": load_policies()},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    service: Service
    client: httpx.AsyncClient
    people: People
    works: bool
    pulses: Mapping[str, Heartbeat]

    @property
    def subscriptions(self) -> Subscriptions:
        """The same aggregates, without the service's own wiring."""
        collection, clock = self.service.database["subscriptions"], self.service.clock
        store = Store(
            collection, Subscription, source=self.service.name, clock=clock, wakes=Wakes(), audited=True
        )
        return Subscriptions(store)

    @property
    def today(self) -> date:
        """The date in Hà Nội by the service's clock."""
        return civil_date(self.service.clock.now(), HANOI)

    def move_to(self, at: datetime) -> None:
        """Move the service's clock forward. It keeps running."""
        clock = self.service.clock
        assert isinstance(clock, OffsetClock)
        clock.move(at - datetime.now(UTC))  # noqa: TID251  the offset is from real time

    def move_days(self, days: int) -> None:
        noon = datetime.combine(self.today + timedelta(days=days), time(12), UTC)
        self.move_to(noon - timedelta(hours=7))

    async def imports(self, rows: Iterable[Row]) -> dict[str, Any]:
        """Propose, confirm and apply a list. Returns the applied import."""
        answer = await self.propose(write_rows(rows))
        assert answer.is_success, answer.text
        return await self.confirm(answer.json()["import_id"])

    async def propose(self, file: bytes, role: Role = Role.OPS) -> httpx.Response:
        headers = self.people.headers(role) | {"content-type": "text/csv"}
        return await self.client.post("/v1/imports", content=file, headers=headers)

    async def confirm(self, import_id: str) -> dict[str, Any]:
        """Confirm it and wait until it is applied. If the service runs its HTTP side only, apply it here."""
        path, ops = f"/v1/imports/{import_id}", self.people.headers(Role.OPS)
        answer = await self.client.post(f"{path}/confirmation", json={"reason": "checked"}, headers=ops)
        assert answer.status_code == 202, answer.text
        if not self.works:
            applier = self.applier()
            if one := await applier.imports.to_apply(()):
                await applier.apply(one, nothing)

        async def applied() -> dict[str, Any] | None:
            body: dict[str, Any] = (await self.client.get(path, headers=ops)).json()
            return body if body["state"] == "applied" else None

        return await until(applied, "the import applied")

    def applier(self) -> ImportApplier:
        """The applier of imports, outside the service's own loop."""
        clock, policies = self.service.clock, load_policies()
        collection = self.service.database["imports"]
        store = Store(collection, Import, source=self.service.name, clock=clock, wakes=Wakes(), audited=True)
        imports = Imports(store, ImportRows(self.service.database["import_rows"]))
        decider = RowDecider(policies, load_products(policies), clock)
        return ImportApplier(imports, self.subscriptions, decider, clock, HoldLimit(), batch=100)

    async def access(self, office_ref: str) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/access/{office_ref}/qlts")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def subscription(self, office_ref: str) -> Subscription:
        found = await self.subscriptions.get(office_ref, "qlts")
        assert found is not None
        return found

    async def change(self, office_ref: str, decide: Callable[[Subscription], Decided | None]) -> None:
        """A change that doesn't come by REST: a list, a message, a released plan."""
        id = subscription_id(office_ref, "qlts")
        await self.subscriptions.change(id, require_known(decide, office_ref), Cause.command("test"))

    def schedule(self) -> LifecycleScheduler:
        """One more scheduler of the same subscriptions. It needs no lease."""
        service = self.service
        return LifecycleScheduler(
            self.subscriptions,
            load_policies(),
            service.clock,
            LeaderLoop("none", service.lease("none"), lambda: True, pause_seconds=1.0),
            batch=500,
        )

    async def wait_until_idle(self) -> None:
        """Wait until nothing is due and everything is published."""
        collection = self.service.database["subscriptions"]
        busy = {
            "$or": [{"next_change_at": {"$lte": self.service.clock.now()}}, {"outbox.at": {"$exists": True}}]
        }

        async def done() -> bool:
            return await collection.find_one(busy) is None

        await until(done, "nothing due and nothing to publish")

    async def published(self) -> list[tuple[Envelope, Event]]:
        """The events that the service has published, once a reader of committed events sees all of them."""
        collection = self.service.database["subscriptions"]
        numbered = sum([document["sequence"] async for document in collection.find({}, {"sequence": 1})])
        topic = self.service.names.topic("subscription")

        async def all_of_it() -> list[tuple[Envelope, Event]] | None:
            found = await committed(self.service.settings.kafka, topic)
            return found if len({envelope.id for envelope, _ in found}) >= numbered else None

        return await until(all_of_it, f"{numbered} events")

    async def published_about(self, office_ref: str) -> list[Event]:
        id = subscription_id(office_ref, "qlts")
        return [event for _, event in await self.published() if event.subscription_id == id]


async def nothing() -> None:
    """A heartbeat that nobody checks."""


@asynccontextmanager
async def world(
    settings: Settings, people: People, *parts: str, real: Clock | None = None
) -> AsyncIterator[World]:
    """The running service. `parts` is as on its command line (none: all), `real` the machine's time."""
    quick = dict.fromkeys(("tick_seconds", "look_seconds", "holds_seconds"), 0.05) | {"batch": 50}
    own = SubscriptionSettings.model_validate(settings.model_dump() | quick)
    service, plan = compose(own, real)
    pulses = {loop.heartbeat.name: loop.heartbeat for loop in plan.loops}
    async with run_service(service, plan, *parts) as client:
        yield World(service, client, people, not parts or "worker" in parts, pulses)
