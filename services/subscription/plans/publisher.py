"""Publishes each day's plan seven days and one day ahead. A published plan never changes."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import structlog

from services.subscription.plans.end_lists import EndLists
from services.subscription.plans.planner import Part, Planner
from services.subscription.plans.versions import DaysAhead, PlanFigures, PlanVersion, PlanVersions, version_id
from shared.background.leader_loop import CheckLeadership
from shared.time.calendar import civil_date, start_of_day
from shared.time.clock import Clock

log = structlog.get_logger()

WEEK = 7
# For this long after midnight, the day's own changes have priority over plans.
_MIDNIGHT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PlanPublisher:
    planner: Planner
    versions: PlanVersions
    lists: EndLists
    clock: Clock
    zone: str

    async def publish(self, check_leadership: CheckLeadership) -> bool:
        """Publish the plans that are due and missing. Returns whether there were any.

        If the process dies, a version is either published as a whole or missing, and then made again.
        """
        today = civil_date(self.clock.now(), self.zone)
        due = {version_id(day, ahead): (day, ahead) for day, ahead in _due(today)}
        missing = await self.versions.missing([*due])
        if not missing or await self._scheduler_first(today):
            return False
        for id in sorted(missing):
            await self._publish(*due[id], check_leadership)
        return True

    async def _scheduler_first(self, today: date) -> bool:
        """Whether the day has just begun and the scheduler has not finished its changes."""
        now = self.clock.now()
        if now > start_of_day(today, self.zone) + _MIDNIGHT:
            return False
        return any(await self.planner.subscriptions.due(now, 1))

    async def _publish(self, day: date, ahead: DaysAhead, check_leadership: CheckLeadership) -> None:
        tally = await self.lists.keep(
            version_id(day, ahead), _checking_leadership(self.planner.plan(day), check_leadership)
        )
        version = PlanVersion(
            day=day, ahead=ahead, published_at=self.clock.now(), figures=PlanFigures.of(tally)
        )
        if await self.versions.publish(version):
            log.info(
                "plan.published",
                day=str(day),
                ahead=ahead,
                changes=tally.changes.total(),
                terminations=tally.terminations,
                notices_missing=tally.notices_missing,
                hash=tally.hash,
            )


def _due(today: date) -> Iterator[tuple[date, DaysAhead]]:
    """The plans that are due. If the service was down, this includes the plans it missed, published late."""
    yield today + timedelta(days=1), 1
    for ahead in range(2, WEEK + 1):
        yield today + timedelta(days=ahead), 7


async def _checking_leadership(
    parts: AsyncIterator[Part], check_leadership: CheckLeadership
) -> AsyncIterator[Part]:
    async for part in parts:
        await check_leadership()
        yield part
