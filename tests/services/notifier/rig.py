"""The notifier's parts on a real database, without Kafka, with clocks that a test moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.notifier.domain.contact import Contact, DeclaredContact
from services.notifier.domain.delivery import CONFIRMATION_DELAY, RetryPolicy
from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.notice import Notice, NoticeStatus
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.email.composer import Composer
from services.notifier.email.letters import LetterWriter
from services.notifier.email.queue import MailQueue
from services.notifier.email.sender import Sender
from services.notifier.email.service import DeliveryService
from services.notifier.main import smtp_connections
from services.notifier.notices.handlers import NoticeHandlers
from services.notifier.notices.status_handlers import StatusHandlers
from services.notifier.notices.store import INDEXES, Notices
from services.notifier.portal import Portal
from services.notifier.settings import NotifierSettings
from services.notifier.words import NoticeWords
from shared import ids
from shared.background.heartbeat import Heartbeat
from shared.background.lease import Lease
from shared.events.base import Event
from shared.events.renewal import FormReissued, RenewalRegistered
from shared.events.subscription import AccessLocked, SubscriptionExpiring, SubscriptionRecorded
from shared.messaging.envelope import Position
from shared.runtime.service import Service
from shared.storage.aggregate import Cause
from shared.storage.projection import write_copies
from tests.services.notifier import examples as ex
from tests.support.clock import FixedClock
from tests.support.service_process import until

RETRY_POLICY = RetryPolicy(
    first=timedelta(minutes=1), longest=timedelta(hours=1), refused=timedelta(days=3), unknowns=3
)
DELIVERED = "vn.giahan.notifier.delivered.v1"
FAILED = "vn.giahan.notifier.failed.v1"


def reminder(number: int) -> SubscriptionExpiring:
    return ex.expiring(30, office_ref=f"office-{number}")


def lock(number: int) -> AccessLocked:
    return ex.locked(1, office_ref=f"office-{number}", effective_on=ex.NOON.date())


@dataclass
class Rig:
    """`clock` is domain time, `real` real time. Both change only when a test moves them."""

    settings: NotifierSettings
    service: Service
    handlers: NoticeHandlers
    composer: Composer
    clock: FixedClock
    real: FixedClock
    sequences: dict[str, int] = field(default_factory=dict)

    async def record(self, *events: Event) -> None:
        """Handle the events as the consumer does, each with an id of its own."""
        for event in events:
            aggregate = f"subscription/{event.subscription_id}"
            self.sequences[aggregate] = self.sequences.get(aggregate, 0) + 1
            await self._handle(event, Position(aggregate, self.sequences[aggregate]))

    async def _handle(self, event: Event, at: Position) -> None:
        status_handlers = self.handlers.status_handlers
        latest = {
            "SubscriptionRecorded": status_handlers.copy_licence,
            "SubscriptionExpiring": status_handlers.copy_expiry_reminder,
            "AccessLocked": status_handlers.copy_stage,
            "SubscriptionTerminated": status_handlers.copy_stage,
            "SubscriptionRenewed": status_handlers.copy_stage,
        }.get(type(event).__name__)
        if latest is not None:
            await write_copies(latest(event, at))  # type: ignore[operator]
        if isinstance(event, SubscriptionRecorded):
            await write_copies(self.handlers.copy_contact(event, at))
        elif isinstance(event, RenewalRegistered):
            await write_copies(await self.handlers.copy_declared_contact(event, at))
            await self.handlers.record_registration(event, Cause(ids.fresh(), ids.fresh()))
        elif isinstance(event, FormReissued):
            await write_copies(status_handlers.copy_reissue(event, at))
            await self.handlers.record_restatement(event, Cause(ids.fresh(), ids.fresh()))
        elif isinstance(event, AccessLocked):
            if change := self.handlers.pool_lock(event, Cause(ids.fresh(), ids.fresh())):
                await change.save()
        elif isinstance(event, NoticeEvent) and (
            notice := self.handlers.pool_notice(event, Cause(ids.fresh(), ids.fresh()))
        ):
            await notice.save()

    async def office(self, number: int) -> str:
        """An office known by its licence. Returns its contact's address."""
        address = f"office{number}@giahanso.example"
        await self.record(ex.recorded(office_ref=f"office-{number}", email=address))
        return address

    def sender(self, lease: str = "sender", **changes: Any) -> Sender:
        """One more sender of the same notices. Senders with the same `lease` name share the lease."""
        settings = self.settings.model_copy(update=changes)
        attempt = timedelta(seconds=settings.smtp_seconds)
        delivery = DeliveryService(
            self.handlers.notices, self.composer, RETRY_POLICY, attempt, self.clock, self.real
        )
        sender_lease = Lease(self.service.database["leases"], lease, lease)
        queue = MailQueue(self.handlers.notices, settings.smtp_rate)
        return Sender(
            delivery, queue, smtp_connections(settings), sender_lease, self.service.wakes.new(), 0.5
        )

    async def notice(self, event: NoticeEvent) -> Notice:
        stored = await self.handlers.notices.load(ex.notice(event).id)
        assert stored is not None
        return stored.state

    async def becomes(self, event: NoticeEvent, *statuses: NoticeStatus) -> Notice:
        async def ask() -> Notice | None:
            found = await self.notice(event)
            return found if found.status in statuses else None

        return await until(ask, f"notice {statuses}")

    async def refused(self, event: NoticeEvent) -> None:
        """Wait until the server has refused the notice."""

        async def doubted() -> bool:
            return (await self.notice(event)).doubted is not None

        await until(doubted, "the refusal")

    def let_doubt_pass(self) -> None:
        self.real.move_to(self.real.now() + CONFIRMATION_DELAY)

    async def confirm_refusal(self, event: NoticeEvent) -> None:
        await self.refused(event)
        self.let_doubt_pass()

    async def event_types(self) -> list[str]:
        """The types of the events that wait to be published, sorted."""
        stored = self.service.database["notices"].find({"outbox.at": {"$exists": True}})
        headers = [dict(entry["headers"]) async for document in stored for entry in document["outbox"]]
        return sorted(header["ce_type"].decode() for header in headers)


@asynccontextmanager
async def running_rig(settings: NotifierSettings) -> AsyncIterator[Rig]:
    service = Service("notifier", settings)
    clock, real = FixedClock(ex.NOON), FixedClock(ex.NOON)
    service.clock = clock
    notices = Notices(service.store("notices", Notice, *INDEXES))
    contacts, subscriptions = (
        service.projection("contacts", Contact),
        service.projection("banners", SubscriptionStatus),
    )
    declared = service.projection("declared_contacts", DeclaredContact)
    letters = LetterWriter(
        NoticeWords.of(settings.products), settings.vendor, Portal(settings.portal_url), service.documents
    )
    composer = Composer(
        contacts, declared, subscriptions, letters, settings.vendor, settings.smtp_sender, clock
    )
    handlers = NoticeHandlers(
        contacts,
        declared,
        StatusHandlers(subscriptions, service.documents),
        notices,
        clock,
        real,
        settings.mail_domain,
        timedelta(seconds=settings.corrections_wait_seconds),
    )
    try:
        yield Rig(settings, service, handlers, composer, clock, real)
    finally:
        service.client.close()


@asynccontextmanager
async def sending(*senders: Sender) -> AsyncIterator[None]:
    """The running senders. They are stopped as a process that ends stops them."""
    running = [asyncio.create_task(sender.run(Heartbeat("sender", limit=30))) for sender in senders]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        for sender in senders:
            await sender.close()
