"""Simulates the vendor's e-invoice system: it issues the invoice that a registration requests, some seconds
after the request, or on the wanted day.

If the process dies after an invoice is recorded and before the save, it is recorded again with the same key,
number and files, which changes nothing.

It runs in the process of the simulated platform, with that one's Kafka user and group. A real adapter has its
own: `giahan-einvoice`, in the group `einvoice`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from pydantic import AwareDatetime

from deploy.local.clock.clock import ZONE
from deploy.local.platform.invoice_provider import InvoiceOrder, InvoiceProvider, ProviderInvoice
from deploy.local.platform.invoice_recorder import InvoiceRecorder, NotRecorded, ServiceAway
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
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
INDEX = IndexModel([("due_at", 1)], name="due")


class SimulatedInvoice(State):
    """The invoice of one registration. `due_at`: when it is issued, or recorded again; None where it is done,
    refused, or not wanted. `dated`: the date of the invoice that was issued and couldn't be recorded yet,
    `attempts` times."""

    order: InvoiceOrder
    due_at: AwareDatetime | None
    recorded: bool = False
    dated: date | None = None
    attempts: int = 0


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
            return Decision(SimulatedInvoice(order=order, due_at=due_at, dated=state and state.dated))

        await self.store.change(event.renewal_id, decide, cause)

    async def cancelled(self, event: InvoiceRequestCancelled, cause: Cause) -> None:
        """A cancellation of an earlier revision came late: the request was made again since."""

        def decide(state: SimulatedInvoice | None) -> Decision[SimulatedInvoice] | None:
            if state is None or event.revision < state.order.revision:
                return None
            return Decision(state.model_copy(update={"due_at": None}))

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
        """Issue what is due. One that can't be recorded waits, longer each time; the others go on, unless the
        service is away."""
        due = {"due_at": {"$lte": self.clock.now()}}
        for stored in await self.store.find(due, sort=[("due_at", 1)], limit=_BATCH):
            heartbeat.beat("issues what is due")
            try:
                await self._issue(stored)
            except ServiceAway as error:
                log.info("einvoice.service_away", why=str(error))
                return

    async def _issue(self, stored: Stored[SimulatedInvoice]) -> None:
        state, order = stored.state, stored.state.order
        assert state.due_at is not None
        issued = await self.provider.issue(order, state.dated or civil_date(state.due_at, ZONE))
        after = await self._record(state, issued)
        try:
            await self.store.save(stored, Decision(after), Cause.command("issue"), id=stored.id)
        except Conflict:
            log.info("einvoice.conflict", registration=order.registration_no)

    async def _record(self, state: SimulatedInvoice, issued: ProviderInvoice) -> SimulatedInvoice:
        try:
            recorded = await self.recorder.record(state.order, issued)
        except ServiceAway:
            raise
        except NotRecorded as error:
            log.info("einvoice.not_recorded", registration=state.order.registration_no, why=str(error))
            wait = min(_FIRST_WAIT * 2 ** min(state.attempts, 10), _LONGEST_WAIT)
            later = {"due_at": self.clock.now() + wait, "attempts": state.attempts + 1}
            return state.model_copy(update=later | {"dated": issued.dated})
        return state.model_copy(update={"due_at": None, "recorded": recorded})
