"""The release of a day's ends: two people approve the list, then each subscription on it gets its release."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.plans.plan import PlanLine, PlanTally, may_end_on
from services.subscription.domain.plans.release import (
    Approval,
    EndListRef,
    PlanRelease,
    approve,
    check_day,
    release_id,
)
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.end import release_end
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.plans.end_lists import EndLists
from services.subscription.plans.planner import Planner
from services.subscription.store import Change
from shared import ids
from shared.background.leader_loop import CheckLeadership
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Stored
from shared.storage.store import Store
from shared.time.calendar import civil_date
from shared.time.clock import Clock

log = structlog.get_logger()

_PASSES = 5


@dataclass(frozen=True, slots=True)
class PlanReleaser:
    store: Store[PlanRelease]
    planner: Planner
    lists: EndLists
    policies: Policies
    clock: Clock
    zone: str

    @property
    def today(self) -> date:
        return civil_date(self.clock.now(), self.zone)

    async def of_day(self, day: date) -> list[PlanRelease]:
        return await self.store.states({"day": day})

    async def agree(self, day: date, hash: str, by: str, reason: str, cause: Cause) -> PlanRelease:
        """Record a person's approval of the list with that hash.

        Raises SubscriptionError if it is too late or too early for that day, if the present list has another
        hash, or if the person can't approve it.
        """
        id = release_id(day, hash)
        known = await self.store.load(id)
        end_list = known.state.end_list if known else None
        if known is None or cause.message_id not in known.handled:
            check_day(day, self.today)
            _check_hash(await self.planner.tally_of_ends(day), hash)
        end_list = end_list or await self._store_list(day, hash)
        voice = Approval(by=by, reason=reason, at=self.clock.now())
        stored = await self.store.change(id, lambda state: approve(state, end_list, voice), cause)
        assert stored is not None
        log.info("plan.agreed", day=str(day), by=by, released=stored.state.second is not None)
        return stored.state

    async def _store_list(self, day: date, hash: str) -> EndListRef:
        """Store the list until the second person has approved it."""
        name = str(ids.fresh())
        tally = await self.lists.keep(name, self.planner.ends(day))
        _check_hash(tally, hash)
        return EndListRef(day, hash, tally.terminations, name)

    async def apply(self, check_leadership: CheckLeadership) -> bool:
        """Apply one list that two people approved. Returns whether there was one.

        If the process dies, no end is released twice, and the next run does the rest.
        """
        waiting = await self.store.find({"second": {"$type": "object"}, "done": False}, limit=1)
        for stored in waiting:
            await self._apply(stored, check_leadership)
        return bool(waiting)

    async def _apply(self, stored: Stored[PlanRelease], check_leadership: CheckLeadership) -> None:
        release = stored.state
        while lines := await self.lists.part(release.end_list.name, release.given):
            await check_leadership()
            await self._let_go(release, lines)
            stored = await self._went_on(stored, done=False)
            release = stored.state
        await self._went_on(stored, done=True)
        log.info("plan.released", day=str(release.day), terminations=release.terminations, hash=release.hash)

    async def _went_on(self, stored: Stored[PlanRelease], *, done: bool) -> Stored[PlanRelease]:
        decision = stored.state.advance(done=done)
        return await self.store.save(stored, decision, Cause.command("release ends"), id=stored.id)

    async def _let_go(self, release: PlanRelease, lines: Sequence[PlanLine]) -> None:
        """Save until no release is left. A subscription that lost a race is decided again."""
        subscriptions = self.planner.subscriptions
        for _ in range(_PASSES):
            now = self.clock.now()
            known = await subscriptions.readable([line.id for line in lines if line.ends])
            changes = [change for stored in known if (change := self._decide(stored, release, now))]
            if not changes:
                return
            await subscriptions.save_many(changes, release.cause)
        raise Conflict("plan: other changes kept coming in between")

    def _decide(self, stored: Stored[Subscription], release: PlanRelease, now: datetime) -> Change | None:
        """The release of one subscription, or None.

        A subscription that has changed since the list was made, and may no longer end, is left to the next
        plan. So is one that can't be decided: it must not delay the others.
        """
        state = stored.state
        try:
            if not may_end_on(StageContext.of(state, self.policies), release.day):
                return None
            decision = release_end(state, release.release, now, self.policies)
        except Exception as error:
            log.error("plan.not_decided", subscription=stored.id, error=type(error).__name__)
            return None
        return (stored, state.id, decision) if decision else None


def _check_hash(tally: PlanTally, hash: str) -> None:
    if not tally.terminations:
        raise SubscriptionError("nothing-ends")
    if tally.terminations_hash != hash:
        raise SubscriptionError("list-changed", terminations_hash=tally.terminations_hash)
