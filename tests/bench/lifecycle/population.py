"""Offices in states that the service itself produced, and the service's own scheduler for them.

This is the only benchmark module that knows the subscription service's internals. The service adopts,
advances and saves a few subscriptions; all others are copies of their documents.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.progress import advance
from services.subscription.domain.subscription import Subscription
from services.subscription.lifecycle.scheduler import LifecycleScheduler
from services.subscription.main import compose
from services.subscription.policies import load_policies
from services.subscription.settings import SubscriptionSettings
from shared.events.base import Stage
from shared.events.subscription import Licence
from shared.ids import subscription_id
from shared.runtime import gc_tuning
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import Collection, Document
from shared.storage.record import Records
from shared.time.clock import OffsetClock, SystemClock

PRODUCT = "qlts"
GROWN = ("outbox", "trail")
"""Fields to which a save only pushes; relay and archive empty them."""
NOTHING_TO_SEND: Document = {name: [] for name in GROWN}
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_COLLECTION = "subscriptions"
_RECORDS = Records(Subscription, "subscription", _COLLECTION)


def office(number: int) -> str:
    return f"dv-{number:07}"


def first_instant(day: date) -> datetime:
    return datetime.combine(day, time.min, _ZONE).astimezone(UTC)


@cache
def today() -> date:
    """The day on which the run began."""
    return SystemClock().now().astimezone(_ZONE).date()


@dataclass(frozen=True, slots=True)
class LifecycleBench:
    """The composed service under one namespace. The benchmark runs its scheduler and moves its clock."""

    service: Service
    schedule: LifecycleScheduler

    @property
    def kept(self) -> Collection:
        return self.service.database[_COLLECTION]

    @property
    def batch(self) -> int:
        return self.schedule.batch

    def move_to(self, at: datetime) -> None:
        """Move the clock forward; it keeps running."""
        clock = self.service.clock
        assert isinstance(clock, OffsetClock)
        clock.move(at - SystemClock().now())

    async def drain(self) -> list[int]:
        """Tick until nothing is due. Returns how many were due at each tick."""
        ticks = []
        while due := await self.schedule.tick():
            ticks.append(due)
        return ticks

    async def adopt(self, number: int, expires_on: date) -> None:
        """Adopt an office and record a reminder, so that a lock may follow."""
        now = self.service.clock.now()
        decision = adopt(office(number), PRODUCT, _licence(expires_on), now, _policies())
        given = NoticeOnRecord(Stage.EXPIRING, expires_on, now)
        if reminded := record_notice(decision.state, given, now, _policies()):
            snapshot = reminded.snapshot or decision.snapshot
            decision = Decision(reminded.state, decision.events, snapshot)
        await self.schedule.subscriptions.save_many([(None, decision.state.id, decision)], Cause.command())

    async def document(self, number: int) -> Document:
        found = await self.kept.find_one({"office_ref": office(number)})
        assert found is not None
        return found


def life(settings: Settings, namespace: str) -> LifecycleBench:
    """The service under the given namespace. Nothing runs by itself; the garbage collector is tuned as in a
    service's process."""
    gc_tuning.tune()
    own = settings.model_copy(update={"environment": "local", "namespace": namespace})
    service, plan = compose(SubscriptionSettings(**own.model_dump()))
    ours = (getattr(loop.run, "__self__", None) for loop in plan.loops)
    return LifecycleBench(service, next(one for one in ours if isinstance(one, LifecycleScheduler)))


def due_by(now: datetime) -> Document:
    """The query for what is due."""
    return {"next_change_at": {"$lte": now}}


def copy(template: Document, number: int) -> Document:
    """The document of another office in the same state, with everything published and archived."""
    id = str(subscription_id(office(number), PRODUCT))
    return {**template, "_id": id, "id": id, "office_ref": office(number), **NOTHING_TO_SEND}


def transition(document: Document, now: datetime) -> tuple[Document, Document]:
    """The condition and the update of one subscription's change at `now`: the result that every
    implementation of this job must reach."""
    stored = _RECORDS.read(document)
    decision = advance(stored.state, now, _policies())
    save = _RECORDS.save(stored, stored.id, decision, Cause.command("advance"), now)
    return {"_id": stored.id, "version": stored.version}, save.update()


@cache
def _policies() -> Policies:
    return load_policies()


def _licence(expires_on: date) -> Licence:
    given: dict[str, Any] = {
        "name": "Trường Tiểu học Ngọc Hà",
        "tax_code": "0101243150",
        "budget_code": "1047665",
        "address": "Phường Ngọc Hà, Thành phố Hà Nội",
        "province_code": "01",
        "zone": _ZONE.key,
        "representative": "Nguyễn Thị Mẫu",
        "title": "Hiệu trưởng",
        "contact_name": "Trần Văn Thử",
        "contact_phone": "0912345678",
        "contact_email": "ke.toan@ngocha.example",
        "package": "standard",
        "users": 10,
        "expires_on": expires_on,
        "policy": "r117",
    }
    return Licence(**given)
