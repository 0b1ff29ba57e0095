"""The notifier: its real handlers, courier, sender and SMTP client on the world's stores."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notifier.domain.contact import Contact, DeclaredContact
from services.notifier.domain.delivery import RetryPolicy
from services.notifier.domain.notice import Notice
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.email.composer import Composer
from services.notifier.email.letters import LetterWriter
from services.notifier.email.queue import MailQueue
from services.notifier.email.sender import Sender
from services.notifier.email.service import DeliveryService
from services.notifier.main import smtp_connections
from services.notifier.notices import status_handlers, store
from services.notifier.notices.handlers import NoticeHandlers
from services.notifier.notices.status_handlers import StatusHandlers
from services.notifier.notices.store import Notices
from services.notifier.portal import Portal
from services.notifier.settings import NotifierSettings
from services.notifier.words import NoticeWords
from shared.background.heartbeat import Heartbeat
from shared.runtime.service import Loop
from shared.time.clock import SystemClock
from tests.faults.history import Accepted, HistoryRecorder
from tests.faults.system.member import Member
from tests.faults.system.world import SimulatedService, World
from tests.services.notifier.postoffice import DROP, SILENCE, PostOffice

_SMTP_SECONDS = 1.0
_RETRY_POLICY = RetryPolicy(
    first=timedelta(seconds=0.2), longest=timedelta(seconds=1), refused=timedelta(days=3), unknowns=10
)


class RecordingPostOffice(PostOffice):
    """Records every letter at the moment the server has it."""

    recorder: HistoryRecorder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        (address,) = envelope.rcpt_tos
        answers = self.data.get(address)
        next_answer = answers[0] if answers else None
        if next_answer in (None, DROP, SILENCE):
            assert isinstance(envelope.content, bytes)
            key = str(message_from_bytes(envelope.content, policy=policy.default)["Message-ID"])
            self.recorder.record(Accepted(key=key, answered=next_answer is None))
        return await super().handle_DATA(server, session, envelope)


class NotifierProcess:
    def __init__(self, world: World, post: PostOffice, skew: timedelta = timedelta(0)) -> None:
        self.service = service = SimulatedService("notifier", world, skew)
        settings = NotifierSettings.model_validate(
            world.settings.model_dump() | {"smtp_port": post.port, "smtp_seconds": _SMTP_SECONDS}
        )
        self._domain = settings.mail_domain
        self._notices = Notices(service.store("notices", Notice, *store.INDEXES))
        self._contacts = service.projection("contacts", Contact)
        self._declared = service.projection("declared_contacts", DeclaredContact)
        self._subscriptions = service.projection("banners", SubscriptionStatus, *status_handlers.INDEXES)
        letters = LetterWriter(
            NoticeWords.of(settings.products), settings.vendor, Portal(settings.portal_url), service.documents
        )
        composer = Composer(
            self._contacts,
            self._declared,
            self._subscriptions,
            letters,
            settings.vendor,
            settings.smtp_sender,
            service.clock,
        )
        attempt = timedelta(seconds=_SMTP_SECONDS)
        delivery = DeliveryService(
            self._notices, composer, _RETRY_POLICY, attempt, service.clock, SystemClock()
        )
        self._sender = Sender(
            delivery,
            MailQueue(self._notices, settings.smtp_rate),
            smtp_connections(settings),
            service.lease("sender"),
            service.wakes.new(),
            0.5,
        )

    def member(self) -> Member:
        handlers = NoticeHandlers(
            self._contacts,
            self._declared,
            StatusHandlers(self._subscriptions, self.service.documents),
            self._notices,
            self.service.clock,
            SystemClock(),
            self._domain,
            timedelta(0),
        )
        loops = [Loop(self._sender.run, Heartbeat("sender", limit=30))]
        return Member(self.service, handlers.routes(), loops, closing=self._sender.close)


@asynccontextmanager
async def open_post_office(recorder: HistoryRecorder) -> AsyncIterator[RecordingPostOffice]:
    loop, office = asyncio.get_running_loop(), RecordingPostOffice()
    office.recorder = recorder
    logging.getLogger("mail.log").setLevel("ERROR")  # the server's own log, which names addresses
    server = await loop.create_server(lambda: SMTP(office, loop=loop, ident="test"), "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
