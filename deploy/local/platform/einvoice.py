"""Simulates the vendor's e-invoice system: it issues the invoice that a registration requests, some seconds
after the request, or on the wanted day.

If the process dies after an invoice is recorded and before the save, it is recorded again with the same key,
number and files, which changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import AwareDatetime

from deploy.local.clock.clock import ZONE
from deploy.local.platform.invoice_provider import InvoiceOrder, InvoiceProvider
from deploy.local.platform.invoice_recorder import InvoiceRecorder, NotRecorded
from shared.background.heartbeat import Heartbeat
from shared.background.wake import Wake
from shared.events.invoice import InvoiceRequestCancelled, InvoiceRequestChanged, InvoiceRequested
from shared.messaging.routes import Routes
from shared.resilience.errors import Conflict
from shared.resilience.retry import suppress_transient
from shared.storage.aggregate import Cause, Decision, State, Stored
from shared.storage.mongo import IndexModel
from shared.storage.store import Store
from shared.time.calendar import civil_date, start_of_day
from shared.time.clock import Clock

log = structlog.get_logger()

_LOOK_SECONDS = 2.0
_BATCH = 20
INDEX = IndexModel([("due_at", 1)], name="due")


class SimulatedInvoice(State):
    """The invoice of one registration. `due_at`: when it is issued; None where it is done, or not wanted."""

    order: InvoiceOrder
    due_at: AwareDatetime | None
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class EInvoiceSimulator:
    store: Store[SimulatedInvoice]
    provider: InvoiceProvider
    recorder: InvoiceRecorder
    clock: Clock
    delay: timedelta
    wake: Wake

    def add_to(self, routes: Routes) -> None:
        routes.once(InvoiceRequested, self.requested)
        routes.once(InvoiceRequestChanged, self.requested)
        routes.once(InvoiceRequestCancelled, self.cancelled)

    async def requested(self, event: InvoiceRequested | InvoiceRequestChanged, cause: Cause) -> None:
        order = InvoiceOrder.model_validate(event.model_dump())
        due_at = self._due_at(order)

        def decide(state: SimulatedInvoice | None) -> Decision[SimulatedInvoice] | None:
            if state and (state.recorded or state.order.revision >= order.revision):
                return None
            return Decision(SimulatedInvoice(order=order, due_at=due_at))

        await self.store.change(event.renewal_id, decide, cause)

    async def cancelled(self, event: InvoiceRequestCancelled, cause: Cause) -> None:
        def decide(state: SimulatedInvoice | None) -> Decision[SimulatedInvoice] | None:
            return Decision(state.model_copy(update={"due_at": None})) if state else None

        await self.store.change(event.renewal_id, decide, cause)

    def _due_at(self, order: InvoiceOrder) -> datetime:
        now = self.clock.now()
        wanted = order.wanted_on
        if wanted is None or wanted <= civil_date(now, ZONE):
            return now + self.delay
        return start_of_day(wanted, ZONE) + self.delay

    async def run(self, heartbeat: Heartbeat) -> None:
        """Issue what is due, for ever."""
        while True:
            with suppress_transient("einvoice.transient_error"):
                heartbeat.beat("issues what is due")
                await self.tick(heartbeat)
            await self.wake.wait(_LOOK_SECONDS)

    async def tick(self, heartbeat: Heartbeat) -> None:
        due = {"due_at": {"$lte": self.clock.now()}}
        for stored in await self.store.find(due, sort=[("due_at", 1)], limit=_BATCH):
            heartbeat.beat("issues what is due")
            try:
                await self._issue(stored)
            except NotRecorded as error:
                log.info("einvoice.not_recorded", why=str(error))
                return

    async def _issue(self, stored: Stored[SimulatedInvoice]) -> None:
        order, due_at = stored.state.order, stored.state.due_at
        assert due_at is not None
        issued = await self.provider.issue(order, civil_date(due_at, ZONE))
        recorded = await self.recorder.record(order, issued)
        after = stored.state.model_copy(update={"due_at": None, "recorded": recorded})
        try:
            await self.store.save(stored, Decision(after), Cause.command("issue"), id=stored.id)
        except Conflict:
            log.info("einvoice.conflict", registration=order.registration_no)
