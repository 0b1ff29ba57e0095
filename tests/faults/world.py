"""A world of offices that live through their days on a cluster, with services in normal configuration."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.clock.clock import ZONE, StackClock, connect_clock
from deploy.local.clock.drain import Drain
from deploy.local.host.conditions import until
from deploy.local.host.ports import HOST
from deploy.local.host.problem import StackProblem
from deploy.local.mail.server import MailServer
from deploy.local.samples.offices import offices
from services.subscription.spreadsheet.row import Row
from shared.ids import fresh
from shared.messaging.broker import KafkaNames
from shared.runtime.settings import Settings
from shared.time.calendar import start_of_day
from tests.faults.cluster import Cluster
from tests.faults.ops_client import OpsClient
from tests.faults.ports import block
from tests.faults.processes import SERVICES, ServiceProcesses
from tests.faults.proxy import Proxy
from tests.faults.wire_protocols import Smtp
from tests.support.people import People

DAYS = 60
"""For this many days, each day locks one office of those imported together and reminds others."""
_SETTLED_WITHIN_S = 180.0
_READ_WITHIN_S = 15.0
_WITHIN_S = 10
_UNSETTLED = (StackProblem, KafkaError, TimeoutError, OSError, PyMongoError)

Database = MongoClient[dict[str, Any]]
_ELECTED_WITHIN_MS = 60_000


@dataclass(slots=True)
class World:
    """`smtp` is a proxy before `mail`. `rows`: offices by the day of their import; `began`: when each day
    began, in milliseconds of real time. `expected_dead`: dead letters that a fault must produce."""

    cluster: Cluster
    settings: Settings
    parts: ServiceProcesses
    desk: OpsClient
    mail: MailServer
    smtp: Proxy
    client: Database
    clock: StackClock
    drain: Drain
    rows: dict[date, list[Row]] = field(default_factory=dict)
    began: dict[date, int] = field(default_factory=dict)
    expected_dead: int = 0
    _days_left: int = 0

    @property
    def names(self) -> KafkaNames:
        return KafkaNames(self.settings.namespace)

    @property
    def topics(self) -> list[str]:
        """The topics that the loss of a broker affects."""
        return ["__transaction_state", "__consumer_offsets", *map(self.names.topic, SERVICES)]

    def next_day(self) -> None:
        """Move to the next midnight, without waiting for its effects."""
        if not self._days_left:
            self.take_in()
        self._days_left -= 1
        day = self.clock.today() + timedelta(days=1)
        self.began[day] = time.time_ns() // 1_000_000
        self.clock.move_to(start_of_day(day, ZONE))

    def take_in(self) -> None:
        """Import new offices whose last days are the next days, one on each day. No fault is active
        meanwhile."""
        today = self.clock.today()
        rows = [
            like.model_copy(
                update={
                    "office_ref": (ref := f"n{today:%Y%m%d}-{n:02}"),
                    "contact_email": f"ke.toan@{ref}.example",
                    "expires_on": today + timedelta(days=n),
                    "policy": "r117",
                }
            )
            for n, like in enumerate(offices(today, DAYS), 1)
        ]
        self.began.setdefault(today, 0)
        self.rows[today] = rows
        self.desk.take_in(rows)
        self._days_left = DAYS
        self.settle()

    def settle(self) -> None:
        """Wait until all work is done. Raises the last obstacle."""
        deadline = time.monotonic() + _SETTLED_WITHIN_S
        while True:
            self.parts.revive()
            try:
                self.drain.wait(_READ_WITHIN_S)
                until(self._ended, "mọi thông báo kết thúc", "all notices ended", _READ_WITHIN_S)
            except _UNSETTLED:
                if time.monotonic() > deadline:
                    raise
            else:
                return

    def leader_of(self, service: str, lease: str = "relay") -> str:
        """The name of the running process that holds the lease, once one of them does."""

        def holding() -> str | None:
            found = self.database(service)["leases"].find_one({"_id": lease})
            pid = int(found["holder"].rpartition(":")[2] or 0) if found else 0
            running = self.parts.running.items()
            return next((name for name, part in running if part.process.pid == pid), None)

        return until(holding, "một tiến trình dẫn đầu", "a leader", _SETTLED_WITHIN_S)

    def database(self, service: str) -> Any:
        return self.client[self.settings.database(service)]

    def _ended(self) -> bool:
        return self.database("notifier")["notices"].find_one({"due_at": {"$ne": None}}) is None


@contextmanager
def start_world(cluster: Cluster, directory: Path) -> Iterator[World]:
    """Start the services and import the first offices."""
    smtp_port, mail_port = block(2)
    jwks = directory / "jwks.json"
    settings = Settings(
        environment="local",
        kafka=cluster.kafka.bootstrap,
        mongo=cluster.mongo.uri,
        namespace=f"f{fresh().hex[:8]}",
        replication=3,
        jwks=str(jwks),
    )
    people, mail = People(jwks), MailServer(directory / "mail", mail_port)
    smtp = Proxy(Smtp(), smtp_port, mail_port)
    parts = ServiceProcesses(
        directory, settings, {"GIAHAN_SMTP_HOST": HOST, "GIAHAN_SMTP_PORT": str(smtp_port)}
    )
    with ExitStack() as ending:
        ending.callback(mail.stop)
        mail.start()
        ending.callback(lambda: cluster.loop.run(smtp.close(), _WITHIN_S))
        cluster.loop.run(smtp.start(), _WITHIN_S)
        ending.callback(parts.stop_all)
        parts.start(*SERVICES)
        client: Database = ending.enter_context(
            closing(
                MongoClient(settings.mongo.get_secret_value(), tz_aware=True, timeoutMS=_ELECTED_WITHIN_MS)
            )
        )
        clock, drain = ending.enter_context(connect_clock(settings, SERVICES))
        made = World(cluster, settings, parts, OpsClient(parts, people), mail, smtp, client, clock, drain)
        made.take_in()
        yield made
