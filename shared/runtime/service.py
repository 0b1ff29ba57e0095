"""The parts of every service process. `Service` builds them, `Process` runs them.

A service's `main` gets stores and projections from `Service`, wires its handlers and loops, and serves.
"""

import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from fastapi import APIRouter
from pydantic import BaseModel

from shared.audit.archive import CHAIN, PAUSE_SECONDS, TRAIL, Archive
from shared.audit.roots import Roots
from shared.background import calls
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.background.lease import Hear, Lease, ignore_calls
from shared.background.wake import Wakes
from shared.messaging import broker
from shared.messaging.dead_letters.redrives import INDEXES, Redrives
from shared.messaging.parked import Parked
from shared.messaging.relay import Relay
from shared.messaging.republication import republications
from shared.messaging.republication.republications import Republications
from shared.messaging.republication.republisher import Republished
from shared.messaging.routes import Routes
from shared.messaging.topic_progress import TopicProgress
from shared.messaging.unpublished import UnpublishedEvents
from shared.observability import logs
from shared.observability.metrics import Metrics, Refresh
from shared.resilience.denials import Denials, Users
from shared.runtime.settings import Settings
from shared.storage import mongo
from shared.storage.aggregate import State
from shared.storage.documents import MongoDocuments
from shared.storage.indexes import ensure
from shared.storage.mongo import Collection, IndexModel
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.time.clock import Clock, OffsetClock, SystemClock
from shared.web.people import TokenVerifier

S = TypeVar("S", bound=State)
M = TypeVar("M", bound=BaseModel)

_OUTBOX = IndexModel([("outbox.at", 1)], name="outbox", sparse=True)


@dataclass(frozen=True, slots=True)
class Loop:
    """Background work, besides requests and messages. `run` beats the heartbeat while it works well.

    `always`: it also runs in a process that only serves HTTP.
    """

    run: Callable[[Heartbeat], Awaitable[None]]
    heartbeat: Heartbeat
    always: bool = False


@dataclass(slots=True)
class Plan:
    """What the process of a service has to run."""

    routes: Routes
    routers: Sequence[APIRouter]
    loops: Sequence[Loop] = ()
    larger_bodies: Mapping[str, int] = field(default_factory=dict)
    """Paths that take more than shared.web.body_limit.LARGEST, in bytes; they must authenticate first."""
    starting: Sequence[Callable[[], Awaitable[None]]] = ()
    """Awaited before the first message or request, such as warming worker processes."""
    meters: Sequence[Callable[[Metrics], Refresh]] = ()
    """The service's own metrics: each function registers one and returns how it is refreshed."""
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    """Awaited after the last message is handled."""


class Service:
    """`snapshots` are the service's compacted topics (events' TOPIC). `real` is the machine's clock, from
    which domain time is derived."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        snapshots: Sequence[str] = (),
        real: Clock | None = None,
    ) -> None:
        logs.configure(name, settings.log_level)
        self.name = name
        self.settings = settings
        self.names = broker.KafkaNames(settings.namespace)
        self.client = mongo.connect(settings.mongo.get_secret_value())
        self.database = self.client[settings.database(name)]
        self.real = real or SystemClock()
        self.clock: Clock = OffsetClock(self.real) if settings.environment == "local" else self.real
        self.compacted = {topic: self.names.compacted(name, topic) for topic in snapshots}
        self.wakes = Wakes()
        self.verifier = TokenVerifier(settings.platform)
        self.denials = Denials(Users(settings.kafka_user, mongo.user_of(settings.mongo.get_secret_value())))
        self.documents = MongoDocuments(self.client[settings.database("documents")], self.real)
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self.indexes: dict[Collection, list[IndexModel]] = {}
        self.outboxes: list[Collection] = []
        self.trails: list[Collection] = []
        self.parked = Parked(self.database["parked"], self.clock)
        self.topic_progress = TopicProgress(self.names, self.parked)
        self.redrives = Redrives(self.collection("redrives", *INDEXES))
        self.republications = Republications(self.collection("republications", *republications.INDEXES))
        self.republished: list[Republished] = []

    def store(self, collection: str, model: type[S], *indexes: IndexModel, audited: bool = False) -> Store[S]:
        """The aggregates of `collection`; their events are published on this service's topic. If `audited`,
        the audit records each change, who made it and why."""
        aggregates = self.database[collection]
        self.indexes[aggregates] = [_OUTBOX, *([TRAIL] if audited else []), *indexes]
        self.outboxes.append(aggregates)
        if audited:
            self.trails.append(aggregates)
            self.indexes[self.database["audit"]] = [CHAIN]
        return Store(aggregates, model, source=self.name, clock=self.clock, wakes=self.wakes, audited=audited)

    def projection(self, collection: str, model: type[M], *indexes: IndexModel) -> Projection[M]:
        return Projection(self.collection(collection, *indexes), model)

    def collection(self, name: str, *indexes: IndexModel) -> Collection:
        self.indexes[self.database[name]] = list(indexes)
        return self.database[name]

    def lease(self, name: str, hear: Hear = ignore_calls) -> Lease:
        return Lease(self.leases, name, self.holder, hear)

    @property
    def leases(self) -> Collection:
        return self.database["leases"]

    def leader_loop(
        self, name: str, pause_seconds: float, is_allowed: Callable[[], bool] = lambda: True
    ) -> LeaderLoop:
        """A loop that is woken when a process of this service saves something."""
        wake, idle = self.wakes.new(), self.settings.idle_seconds
        return LeaderLoop(name, self.lease(name), is_allowed, pause_seconds, wake=wake, idle_seconds=idle)

    def unpublished(self) -> UnpublishedEvents:
        return UnpublishedEvents(self.outboxes, self.clock, self.settings.unpublished_seconds)

    def relay(self, heartbeat: Heartbeat) -> Relay:
        return Relay(
            outboxes=self.outboxes,
            topic=self.names.topic(self.name),
            compacted=self.compacted,
            producer=lambda: broker.relay_producer(
                self.settings.connection, self.names.transactional_id(self.name)
            ),
            lease=self.lease(calls.LEASE, self.wakes.hear),
            wake=self.wakes.relay,
            heartbeat=heartbeat,
            poll_seconds=self.settings.relay_poll_seconds,
        )

    def archive(self) -> Archive:
        archived = self.database["audit"]
        roots = Roots(archived, self.database["audit_roots"], self.clock)
        return Archive(self.trails, archived, roots, self.leader_loop("archive", PAUSE_SECONDS))

    async def prepare(self, topics: Sequence[str]) -> None:
        """Create missing indexes and topics. Repeating it changes nothing."""
        await self.prepare_database()
        await self.prepare_topics(topics)

    async def prepare_database(self) -> None:
        for collection, indexes in self.indexes.items():
            await ensure(collection, indexes)

    async def prepare_topics(self, topics: Sequence[str]) -> None:
        """Create this service's topics, and `topics`, which other services may not have created yet. If
        clients sign in as users, it creates none: the administrator does (deploy/rights)."""
        if self.settings.connection.secured:
            return
        await broker.ensure_topics(
            self.settings.connection,
            sorted({self.names.topic(self.name), *topics}),
            [self.names.dead(self.name)],
            sorted(self.compacted.values()),
            replication=self.settings.replication,
        )
