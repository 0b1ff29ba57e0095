"""The subscription service: its real domain, scheduler and handlers on the world's stores."""

import time
from datetime import date, timedelta

from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice
from services.subscription.domain.subscription import Subscription
from services.subscription.entitlement.clock_agreement import ClockAgreement
from services.subscription.lifecycle.acceptance_handlers import AcceptanceHandlers
from services.subscription.lifecycle.handlers import LifecycleHandlers
from services.subscription.lifecycle.scheduler import LifecycleScheduler
from services.subscription.policies import load_products
from services.subscription.store import INDEXES, Subscriptions
from shared import ids
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.events.base import Stage
from shared.runtime.service import Loop
from shared.storage.aggregate import Cause
from tests.faults.system.journal import JournalStore
from tests.faults.system.member import Member
from tests.faults.system.world import POLICIES, SimulatedService, World
from tests.services.notifier import examples as ex

_PRODUCTS = load_products(POLICIES)
_TICK_SECONDS = 0.1
NOTHING = timedelta(0)


class SubscriptionProcess:
    """The parts of one process. `schedule` and `agreement` can also be run by hand."""

    def __init__(self, world: World, skew: timedelta = NOTHING) -> None:
        self.service = service = SimulatedService("subscription", world, skew, snapshots=("access",))
        self.store = service.store("subscriptions", Subscription, *INDEXES)
        self.subscriptions = Subscriptions(self.store)
        self.agreement = ClockAgreement(service.real, time.monotonic, service.database)
        may = world.parts.may(self.agreement)
        leader_loop = LeaderLoop("schedule", service.lease("schedule"), may, _TICK_SECONDS)
        self.schedule = LifecycleScheduler(
            self.subscriptions, POLICIES, service.clock, leader_loop, batch=100
        )

    @property
    def journal(self) -> JournalStore[Subscription]:
        assert isinstance(self.store, JournalStore)
        return self.store

    def member(self) -> Member:
        clock, reading = self.service.clock, self.service.topic_progress
        handlers = LifecycleHandlers(self.subscriptions, POLICIES, _PRODUCTS, clock, self.agreement, reading)
        loops = [
            Loop(self.agreement.run, Heartbeat("clocks", limit=30)),
            Loop(self.schedule.run, Heartbeat("schedule", limit=30)),
        ]
        routes = handlers.routes()
        AcceptanceHandlers(handlers).add_to(routes)
        return Member(self.service, routes, loops)

    async def adopt(self, office_ref: str, expires_on: date) -> None:
        """Adopt an office, as an import does."""
        licence = ex.licence(email=f"{office_ref}@giahanso.example", expires_on=expires_on)
        id = ids.subscription_id(office_ref, "qlts")
        now = self.service.clock.now()
        await self.subscriptions.change(
            id,
            lambda known: None if known else adopt(office_ref, "qlts", licence, now, POLICIES),
            Cause.command("adopt"),
        )

    async def remind(self, office_ref: str, expires_on: date) -> None:
        """Record a reminder, without which no lock happens."""
        now = self.service.clock.now()
        given = NoticeOnRecord(Stage.EXPIRING, expires_on, now)
        await self.subscriptions.change(
            ids.subscription_id(office_ref, "qlts"),
            lambda known: record_notice(known, given, now, POLICIES) if known else None,
            Cause.command("remind"),
        )
