"""One subscription's lifecycle as the service decides it, compared with a reference clerk."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, invariant

from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.events.subscription import (
    AccessDecided,
    AccessHeld,
    AccessLocked,
    AccessRestored,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)
from shared.time.calendar import civil_date, start_of_day
from tests.services.subscription.domain.reference_clerk import Clerk, Line
from tests.services.subscription.examples import BOTH, QUICK, days

POLICIES = {**BOTH, QUICK.id: QUICK}
Moved = AccessLocked | AccessRestored | SubscriptionExpiring | SubscriptionTerminated


class CheckedLifecycle(RuleBasedStateMachine):
    """A subscription's lifecycle. `now` is the instant, `emitted_stage` the stage of the last event, `answer`
    the access topic's record, `opened` the last day on which the events left full access, `form_registration`
    the registration that gave the term's temporary access."""

    state: Subscription
    clerk: Clerk
    now: datetime
    emitted_stage: Stage
    opened: date
    answer: AccessDecided
    count: int
    form_registration: UUID | None
    walked: Subscription | None = None

    @property
    def today(self) -> date:
        """The latest day up to which events were emitted: a clock that goes back takes nothing back."""
        return max(civil_date(self.now, self.state.zone), self.state.told_on)

    @property
    def next(self) -> int:
        self.count += 1
        return self.count

    def decide_and_compare(
        self,
        decide: Callable[[], Decided | None],
        learn: Callable[[], None],
        there: date | None = None,
        *,
        after_a_correction: bool = False,
    ) -> bool:
        """The service decides. The clerk turns to the day, learns the same fact and checks again. Returns
        whether a reminder was sent."""
        before, today = self.state, self.today
        emitted_until, counted_from = before.told_on, self.clerk.counted_from
        unwarned = self.clerk.unwarned(emitted_until)
        expected = self.clerk.turn_to(today)
        learn()
        expected += self.clerk.write_page(there or today)
        decision = decide()
        if decision is None:
            assert not expected or self.clerk.day > before.told_on
            decision = advance(self.state, self.now, POLICIES)
        self.record(decision)
        lines = [line for event in decision.events if (line := line_of(event))]
        for kind in ("move", "held", "again"):
            assert lines_with_events(lines, kind) == lines_with_events(expected, kind)
        reminded = any(kind == "remind" for kind, _, _ in lines)
        if not (after_a_correction or _renewed(decision)):
            calm = all(day < today for _, day, _ in expected)
            late = self.clerk.unwarned(today) and not unwarned
            due = self.clerk.counted_from == counted_from and self.reminder_due(emitted_until, today)
            assert reminded == bool(calm and (late or due))
        return reminded

    def reminder_due(self, emitted_until: date, today: date) -> bool:
        """Whether a reminder fell due since the last events, and the office can still act on it."""
        clerk = self.clerk
        if clerk.stage != Stage.EXPIRING or clerk.disputed or clerk.many:
            return False
        due = (clerk.counted_from - days(left) for left in clerk.table.reminder_days)
        return any(emitted_until < day <= today for day in due)

    def record(self, decision: Decided) -> None:
        """Record the decision. Each move begins at the stage where the last one ended; a move from expiring
        to active has no event of its own."""
        before, self.state = self.state, decision.state
        records = [event for event in decision.events if isinstance(event, SubscriptionRecorded)]
        for event in decision.events:
            assert event.occurred_at <= event.recorded_at == self.now
            if isinstance(event, Moved):
                self.check_move(event)
        if self.emitted_stage != self.state.stage:
            assert (self.emitted_stage, self.state.stage) == (Stage.EXPIRING, Stage.ACTIVE)
            assert records
            self.emitted_stage = self.state.stage
        assert all((r.licence, r.stage) == (self.state.licence, self.state.stage) for r in records)
        if decision.snapshot:
            assert isinstance(decision.snapshot, AccessDecided)
            assert (
                answered_line(decision.snapshot) != answered_line(self.answer)
                or before.policy != self.state.policy
            )
            self.answer = decision.snapshot

    def check_move(self, event: Moved) -> None:
        assert event.old_stage == self.emitted_stage
        table = POLICIES[self.state.policy]
        if event.new_stage == Stage.TERMINATED:
            lock = table.first_days[-1] - 1
            assert (event.effective_on - self.opened).days > lock, "the whole lock"
        if isinstance(event, AccessLocked) and self.emitted_stage in (Stage.ACTIVE, Stage.EXPIRING):
            self.opened = event.effective_on - days(1)
        self.emitted_stage = event.new_stage

    @invariant()
    def the_clerk_agrees(self) -> None:
        state, clerk = self.state, self.clerk
        assert (state.stage, state.locked_since, state.hold) == (clerk.stage, clerk.locked_since, clerk.hold)
        assert set(state.notices) == clerk.notices
        assert (state.release.day if state.release else None) == clerk.release
        if state.locked_since and state.terminated_on is None:
            assert state.ends_on == clerk.ends

    @invariant()
    def the_answer_tells_what_then_happens(self) -> None:
        state, table = self.state, POLICIES[self.state.policy]
        assert (self.answer.stage, self.answer.access) == (state.stage, table.access(state.stage))
        assert self.answer.expires_on == state.licence.expires_on
        foreseen = [
            (start_of_day(day, state.zone), stage, table.access(stage))
            for day, stage in self.clerk.foresee(130)
        ]
        assert [(s.starts_at, s.stage, s.access) for s in self.answer.steps][: len(foreseen)] == foreseen

    @invariant()
    def the_next_change_is_neither_early_nor_late(self) -> None:
        if self.state == self.walked:
            return
        state = self.walked = self.state
        steps = {step.starts_at: step.stage for step in self.answer.steps}
        for _ in range(20):
            at = state.next_change_at
            if at is None:
                break
            assert at > start_of_day(state.told_on, state.zone)
            quiet = advance(state, at - timedelta(seconds=1), POLICIES)
            assert quiet.events == ()
            assert quiet.state.with_(told_on=state.told_on) == state
            decision = advance(state, at, POLICIES)
            assert decision.events or decision.state.release != state.release
            if at in steps:
                assert decision.state.stage == steps.pop(at)
            state = decision.state
        assert steps == {}


def _renewed(decision: Decided) -> bool:
    return any(isinstance(event, SubscriptionRenewed) for event in decision.events)


def answered_line(answer: AccessDecided) -> tuple[Any, ...]:
    paid_for = (answer.package, answer.users, answer.storage_gb)
    return answer.stage, answer.access, answer.expires_on, answer.steps, paid_for


def line_of(event: Event) -> Line | None:
    if isinstance(event, AccessHeld):
        return "held", event.effective_on, event.reason
    if not isinstance(event, Moved):
        return None
    if event.old_stage != event.new_stage:
        return "move", event.effective_on, (event.old_stage, event.new_stage)
    if isinstance(event, SubscriptionExpiring):
        return "remind", event.effective_on, event.days_left
    return "again", event.effective_on, None


def lines_with_events(lines: list[Line], kind: str) -> list[Line]:
    """The lines that events can show: a move from expiring to active has none."""
    quiet = (Stage.EXPIRING, Stage.ACTIVE)
    return [line for line in lines if line[0] == kind and line[2] != quiet]
