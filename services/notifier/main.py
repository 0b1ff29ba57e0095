"""The composition root: builds all parts of the notifier and connects them."""

import socket
import ssl
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiosmtplib import SMTP

from services.notifier.banners import rest
from services.notifier.domain.contact import Contact, DeclaredContact
from services.notifier.domain.delivery import RetryPolicy
from services.notifier.domain.notice import Notice
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.email.composer import Composer
from services.notifier.email.letters import LetterWriter
from services.notifier.email.meters import WaitingMailMeter
from services.notifier.email.queue import MailQueue
from services.notifier.email.sender import Sender
from services.notifier.email.service import DeliveryService
from services.notifier.email.smtp_connection import SmtpConnection
from services.notifier.notices import status_handlers, store
from services.notifier.notices.handlers import NoticeHandlers
from services.notifier.notices.status_handlers import StatusHandlers
from services.notifier.notices.store import Notices
from services.notifier.portal import Portal
from services.notifier.settings import NotifierSettings
from services.notifier.words import NoticeWords
from shared.background.heartbeat import Heartbeat
from shared.runtime.process import serve
from shared.runtime.service import Loop, Plan, Service
from shared.runtime.settings import read
from shared.time.clock import SystemClock

_LONGEST_WAIT = timedelta(hours=1)
_TLS: Mapping[str, Mapping[str, Any]] = {
    "off": {"use_tls": False, "start_tls": False},
    "offered": {"use_tls": False, "start_tls": None},
    "starttls": {"use_tls": False, "start_tls": True},
    "tls": {"use_tls": True, "start_tls": False},
}


def compose(settings: NotifierSettings) -> tuple[Service, Plan]:
    service = Service("notifier", settings)
    notices = Notices(service.store("notices", Notice, *store.INDEXES))
    contacts = service.projection("contacts", Contact)
    declared = service.projection("declared_contacts", DeclaredContact)
    subscriptions = service.projection("banners", SubscriptionStatus, *status_handlers.INDEXES)
    catalogue = NoticeWords.of(settings.products)
    portal = Portal(settings.portal_url, settings.signing_url)
    real, wake = SystemClock(), service.wakes.new()
    letters = LetterWriter(catalogue, settings.vendor, portal, service.documents)
    delivery = DeliveryService(
        notices,
        Composer(
            contacts, declared, subscriptions, letters, settings.vendor, settings.smtp_sender, service.clock
        ),
        _retry_policy(settings),
        timedelta(seconds=settings.smtp_seconds),
        service.clock,
        real,
    )
    queue = MailQueue(notices, settings.smtp_rate)
    sender = Sender(
        delivery, queue, smtp_connections(settings), service.lease("sender"), wake, settings.idle_seconds
    )
    handlers = NoticeHandlers(
        contacts,
        declared,
        StatusHandlers(subscriptions, service.documents),
        notices,
        service.clock,
        real,
        settings.mail_domain,
        timedelta(seconds=settings.corrections_wait_seconds),
    )
    routers = [rest.router(subscriptions, catalogue, portal, service.clock, settings.banners_remember)]
    loops = [Loop(sender.run, Heartbeat("sender", limit=30))]
    meters = [WaitingMailMeter(queue, delivery, service.clock).register]
    return service, Plan(handlers.routes(), routers, loops, meters=meters, closing=[sender.close])


def smtp_connections(settings: NotifierSettings) -> list[SmtpConnection]:
    """One connection for each mail that may be under way at once. Each opens when it is first used."""
    context = ssl.create_default_context()
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None

    def connect() -> SMTP:
        return SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user,
            password=password,
            local_hostname=socket.gethostname(),
            timeout=settings.smtp_seconds,
            tls_context=context,
            **_TLS[settings.smtp_tls],
        )

    return [
        SmtpConnection(connect, settings.smtp_sender, settings.smtp_seconds)
        for _ in range(settings.smtp_connections)
    ]


def _retry_policy(settings: NotifierSettings) -> RetryPolicy:
    first = timedelta(seconds=settings.smtp_retry_seconds)
    return RetryPolicy(
        first=first,
        longest=max(first, _LONGEST_WAIT),
        refused=timedelta(days=settings.smtp_refused_days),
        unknowns=settings.smtp_unknowns,
    )


def main() -> None:
    settings = read(NotifierSettings)
    serve("notifier", lambda: compose(settings), settings.port_base + 4)
