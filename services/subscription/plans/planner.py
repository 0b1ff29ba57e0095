"""Makes a day's plan from the subscriptions as they are now, with a hundred in memory at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import structlog

from services.subscription.domain.plans.plan import PlanLine, PlanTally, plan_line
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.store import Subscriptions
from shared.storage.mongo import Document

log = structlog.get_logger()

# The last time zone on earth begins its day this long after UTC.
_LAST_ZONE = timedelta(hours=12)

Part = list[PlanLine]


@dataclass(frozen=True, slots=True)
class Planner:
    subscriptions: Subscriptions
    policies: Policies

    def plan(self, day: date) -> AsyncIterator[Part]:
        """The subscriptions that change stage on `day`, by rising id."""
        begun_everywhere = datetime.combine(day, time(), UTC) + _LAST_ZONE
        return self._lines(
            day, {"$or": [{"next_change_at": {"$lte": begun_everywhere}}, _may_end(day)]}, "_id_"
        )

    async def ends(self, day: date) -> AsyncIterator[Part]:
        """The subscriptions whose service may end on `day`, and those whose end lacks a notice."""
        async for part in self._lines(day, _may_end(day), "ends"):
            yield [line for line in part if line.ends or line.missing]

    async def tally_of_ends(self, day: date) -> PlanTally:
        tally = PlanTally()
        async for part in self.ends(day):
            for line in part:
                tally.add(line)
        return tally

    async def _lines(self, day: date, query: Document, index: str) -> AsyncIterator[Part]:
        async for states in self.subscriptions.sweep(query, index):
            yield [line for state in states if (line := self._line(state, day))]

    def _line(self, state: Subscription, day: date) -> PlanLine | None:
        """The subscription's line. None if there is none, or on an error: what is on no list doesn't end."""
        try:
            return plan_line(StageContext.of(state, self.policies), day)
        except Exception as error:
            log.error("plan.left_out", subscription=str(state.id), error=type(error).__name__)
            return None


def _may_end(day: date) -> Document:
    return {"ends_on": {"$lte": day}, "locked_since": {"$type": "string"}}
