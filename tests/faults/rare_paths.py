"""Brings a walk to the crash points that an undisturbed renewal does not reach."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, timedelta

from deploy.local.clock.clock import ZONE, StackClock
from deploy.local.clock.drain import Drain
from deploy.local.host.conditions import until
from deploy.local.people.caller import Caller
from deploy.local.samples.importer import import_rows
from deploy.local.samples.offices import offices
from services.subscription.plans.publisher import WEEK
from shared.messaging.broker import KafkaNames
from shared.time.calendar import start_of_day
from tests.faults.crash_injector import point_of, side_of
from tests.faults.crash_points import BY_NAME
from tests.faults.crash_stack import CrashStack
from tests.faults.effects import Effects
from tests.faults.orphan_uploads import leave_upload
from tests.faults.topic_limit import reject_records
from tests.faults.upload_race import RacingUploader

_WITHIN_S = 300.0
_STRETCH_S = 10.0
# Locked for four weeks: imported before the last warning, because a later import would restart its days.
_OVERDUE, _UNTIL_ON_A_PLAN, _MORNINGS = timedelta(days=29), 25, 8
# At midnight the plans still wait for that day's changes.
_AT = timedelta(hours=9)


@dataclass(slots=True)
class RarePaths:
    """Each path is used only while a process still has to die there: at one of the `wanted` sides, or at any
    side."""

    stack: CrashStack
    caller: Caller
    clock: StackClock
    drain: Drain
    effects: Effects
    wanted: frozenset[str] | None

    def is_open(self, point: str) -> bool:
        """Whether a process still has to die at this point."""
        sides = {side_of(point, side) for side in BY_NAME[point].sides}
        fired = {side_of(*point_of(key)) for key in self.stack.ledger.read().fired}
        return bool((sides if self.wanted is None else sides & self.wanted) - fired)

    def are_open(self, *groups: str) -> bool:
        """Whether a process still has to die at a point of one of these groups, as `upload`."""
        return any(self.is_open(name) for name in BY_NAME if name.partition(".")[0] in groups)

    def plan_an_end(self) -> None:
        """An office that is imported as locked comes onto the plan of the day on which its service may end,
        and stays on the plan of each later day."""
        if not self.is_open("plan.keep"):
            return
        today = self.clock.today()
        own = {"office_ref": f"het-{today}", "contact_email": "ke.toan@het.example", "policy": "r117"}
        ending = offices(today)[0].model_copy(update={**own, "expires_on": today - _OVERDUE})
        self.stack.ledger.mark("an end")
        import_rows(self.caller, [ending])
        self.drain.wait()
        for day in range(_UNTIL_ON_A_PLAN, _UNTIL_ON_A_PLAN + _MORNINGS):
            if self.is_open("plan.keep"):
                self._morning(today + timedelta(days=day))
        self.drain.wait()

    def _morning(self, day: date) -> None:
        """Wait for one day's plan. Each plan is drawn once, and its writer may have died
        too often by then."""
        published = f"{day + timedelta(days=WEEK)}/{WEEK}"
        self.stack.ledger.mark(published)
        self.clock.move_to(start_of_day(day, ZONE) + _AT)
        plans = self.effects.of("subscription")["plans"]
        until(lambda: plans.find_one({"_id": published}), f"kế hoạch {published}", f"plan {published}")

    def leave_old_index(self) -> None:
        """Leave another index under the name of one of the service's own, for the next start to find."""
        if self.is_open("start.drop_index"):
            renewals = self.effects.of("renewal")["renewals"]
            renewals.drop_index("office")
            renewals.create_index([("registration.office_ref", 1), ("status", 1)], name="office")

    def leave_copies_without_keys(self) -> None:
        """Leave renewal's copies of licences as they were before search keys existed, for the next start to
        complete."""
        if self.is_open("offices.complete"):
            self.effects.of("renewal")["licences"].update_many({}, {"$unset": {"found_by": ""}})

    def leave_orphan_upload(self) -> None:
        if self.is_open("document.collect"):
            settings = self.stack.environment.settings()
            self._reach("document.collect", lambda: leave_upload(settings))

    @contextmanager
    def broker_rejects(self) -> Iterator[None]:
        """What is recorded in the context cannot be published, until processes have died because of it."""
        if not self.is_open("relay.abort"):
            yield
            return
        settings = self.stack.environment.settings()
        with reject_records(settings.kafka, KafkaNames(settings.namespace).topic("subscription")):
            yield
            self._reach("relay.abort")

    @contextmanager
    def upload_raced(self) -> Iterator[None]:
        left = self.is_open("document.drop")
        with RacingUploader(self.stack.environment.settings(), self._race_is_open) if left else nullcontext():
            yield

    def _race_is_open(self) -> bool:
        return self.is_open("document.drop")

    def _reach(self, point: str, bring: Callable[[], None] = lambda: None) -> None:
        """Wait until processes have died at each side of the point.

        A mark every few seconds lets each process die again, and `bring` provides the situation again: a
        process that may no longer die passes the point without a crash.
        """
        ledger, marked = self.stack.ledger, 0.0

        def reached() -> bool:
            nonlocal marked
            if time.monotonic() - marked > _STRETCH_S:
                ledger.mark(point)
                bring()
                marked = time.monotonic()
            return not self.is_open(point)

        until(reached, f"{point} đã qua", f"{point} was reached", _WITHIN_S)
