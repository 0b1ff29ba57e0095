"""Simulates the vendor's platform: it deletes, recovers and measures data, grants resources, and issues
invoices (`einvoice`).

Runs as `python -m deploy.local.platform.platform`. It uses the services' own infrastructure, with its own
database, consumer group and topic (`platform.events`). It stores no tenant data, only what happened to it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import Field

from deploy.local.host.ports import Ports
from deploy.local.platform import einvoice, tenant
from deploy.local.platform.einvoice import EInvoiceSimulator, SimulatedInvoice
from deploy.local.platform.invoice_provider import SimulatedProvider
from deploy.local.platform.invoice_recorder import InvoiceRecorder
from deploy.local.platform.tenant import PlannedDeletion, TenantData
from deploy.local.stack.parts import PLATFORM
from deploy.local.texts import line
from shared.background.heartbeat import Heartbeat
from shared.background.wake import Wake
from shared.events.resources import ResourcesRequested
from shared.events.subscription import (
    DataDeletionCancelled,
    DataDeletionRequested,
    DataRecoveryRequested,
    SubscriptionRecorded,
)
from shared.messaging.routes import Routes
from shared.resilience.errors import Conflict
from shared.resilience.retry import suppress_transient
from shared.runtime.process import serve
from shared.runtime.service import Loop, Plan, Service
from shared.runtime.settings import BadSettings, Settings, read
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import IndexModel
from shared.storage.store import Store
from shared.time.clock import Clock

log = structlog.get_logger()

_LOOK_SECONDS = 2.0
_BATCH = 100
MEASURED = frozenset(f"dv-{number:05d}" for number in range(1, 41))
_DUE = IndexModel([("due_at", 1)], name="due")


class PlatformSettings(Settings):
    deletion_seconds: int = Field(60, ge=0, description="From a request to the deletion, in domain time")
    invoice_seconds: int = Field(5, ge=0, description="From a request to the invoice, in domain time")


@dataclass(frozen=True, slots=True)
class PlatformSimulator:
    store: Store[TenantData]
    clock: Clock
    delay: timedelta
    wake: Wake

    def routes(self) -> Routes:
        routes = Routes()
        routes.once(DataDeletionRequested, self.deletion_requested)
        routes.once(DataDeletionCancelled, self.deletion_cancelled)
        routes.once(DataRecoveryRequested, self.recovery_requested)
        routes.once(SubscriptionRecorded, self.recorded)
        routes.once(ResourcesRequested, self.resources_requested)
        return routes

    async def deletion_requested(self, event: DataDeletionRequested, cause: Cause) -> None:
        due_at = self.clock.now() + self.delay
        deletion = PlannedDeletion(
            id=event.deletion_id,
            due_at=due_at,
            asked_by=cause.message_id,
            correlation_id=cause.correlation_id,
        )

        def decide(state: TenantData | None) -> Decision[TenantData]:
            return tenant.plan_deletion(state or tenant.of(event), event, deletion)

        await self.store.change(event.subscription_id, decide, cause)

    async def deletion_cancelled(self, event: DataDeletionCancelled, cause: Cause) -> None:
        def decide(state: TenantData | None) -> Decision[TenantData]:
            return tenant.cancel_deletion(state or tenant.of(event), event)

        await self.store.change(event.subscription_id, decide, cause)

    async def recovery_requested(self, event: DataRecoveryRequested, cause: Cause) -> None:
        def decide(state: TenantData | None) -> Decision[TenantData]:
            return tenant.recover(state or tenant.of(event), event, self.clock.now())

        await self.store.change(event.subscription_id, decide, cause)

    async def resources_requested(self, event: ResourcesRequested, cause: Cause) -> None:
        def decide(state: TenantData | None) -> Decision[TenantData]:
            return tenant.grant(state or tenant.of(event), event, self.clock.now())

        await self.store.change(event.subscription_id, decide, cause)

    async def recorded(self, event: SubscriptionRecorded, cause: Cause) -> None:
        """Report the usage of a few offices. Reporting it for all three thousand would only take time."""
        if event.office_ref not in MEASURED:
            return

        def decide(state: TenantData | None) -> Decision[TenantData]:
            return tenant.measure(state or tenant.of(event), event, self.clock.now())

        await self.store.change(event.subscription_id, decide, cause)

    async def run(self, heartbeat: Heartbeat) -> None:
        """Delete data that is due, for ever."""
        while True:
            with suppress_transient("platform.transient_error"):
                await self.tick()
                heartbeat.beat("deletes what is due")
            await self.wake.wait(_LOOK_SECONDS)

    async def tick(self) -> int:
        """Do one deletion for each subscription that has one due. Returns how many subscriptions were due.

        If the process dies before a save, the deletion is still due. If a cancellation is saved first, the
        save conflicts and the next tick decides again.
        """
        now = self.clock.now()
        due = await self.store.find({"due_at": {"$lte": now}}, sort=[("due_at", 1)], limit=_BATCH)
        for stored in due:
            await self._delete(stored, now)
        return len(due)

    async def _delete(self, stored: Stored[TenantData], now: datetime) -> None:
        deletion = min(stored.state.deletions, key=lambda deletion: deletion.due_at)
        cause = Cause(deletion.asked_by, deletion.correlation_id, action="delete")
        try:
            await self.store.save(stored, tenant.delete(stored.state, deletion, now), cause, id=stored.id)
        except Conflict:
            log.info("platform.conflict", subscription=stored.id)


def compose(settings: PlatformSettings) -> tuple[Service, Plan]:
    service = Service(PLATFORM, settings)
    delay = timedelta(seconds=settings.deletion_seconds)
    store = service.store("keepings", TenantData, _DUE)
    platform = PlatformSimulator(store, service.clock, delay, service.wakes.new())
    issuer = _einvoice(service, settings)
    routes = platform.routes()
    issuer.add_to(routes)
    loops = [
        Loop(platform.run, Heartbeat("deletions", limit=30)),
        Loop(issuer.run, Heartbeat("invoices", limit=90)),
    ]
    return service, Plan(routes, [], loops, closing=[issuer.recorder.close])


def _einvoice(service: Service, settings: PlatformSettings) -> EInvoiceSimulator:
    return EInvoiceSimulator(
        service.store("simulated_invoices", SimulatedInvoice, einvoice.INDEX),
        SimulatedProvider(),
        InvoiceRecorder(Ports.from_base(settings.port_base)),
        service.clock,
        timedelta(seconds=settings.invoice_seconds),
        service.wakes.new(),
    )


def main() -> None:
    """Runs the simulator. Never starts in production."""
    settings = read(PlatformSettings, serves=False)
    if settings.environment != "local":
        raise BadSettings(line("web.only_local"))
    serve(PLATFORM, lambda: compose(settings), Ports.from_base(settings.port_base).platform)


if __name__ == "__main__":
    main()
