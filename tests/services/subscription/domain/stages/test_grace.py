"""No office is locked or ended without warning, however long mail fails, and no access stays for ever."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.changes.correction import release_hold
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice, release_end
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.events.subscription import (
    AccessDecided,
    AccessHeld,
    AccessLocked,
    SubscriptionExpiring,
    SubscriptionTerminated,
)
from tests.services.subscription.examples import BOTH, ENDS, FULL, days, moves, noon, release, unwarned

POLICIES = st.sampled_from(sorted(BOTH))


def advanced(state: Subscription, day: date) -> tuple[Subscription, tuple[Event, ...]]:
    decision = advance(state, noon(day), BOTH)
    return decision.state, decision.events


def given_on(state: Subscription, about: Stage, day: date, counted_from: date | None = None) -> Subscription:
    notice = NoticeOnRecord(about, state.licence.expires_on, noon(day), counted_from)
    decision = record_notice(state, notice, noon(day), BOTH)
    return decision.state if decision else state


def test_one_whole_day_lies_between_the_only_warning_and_the_lock() -> None:
    """Guards against: after an outage the only warning came 6.5 seconds before the lock."""
    state, _ = advanced(unwarned(ENDS - days(100)), ENDS)
    state = given_on(state, Stage.EXPIRING, ENDS)
    for day in (ENDS + days(1), ENDS):
        answer = current_entitlement(state, noon(day), BOTH)
        assert (answer.access, answer.stage) == (FULL, Stage.EXPIRING)
    state, events = advanced(state, ENDS + days(2))
    assert moves(events) == [("expiring", "locked", ENDS + days(2))]
    assert state.ends_on == ENDS + days(61), "the whole lock from there"


def test_reminder_given_two_days_before_lets_the_lock_come_on_its_day() -> None:
    state = given_on(advanced(unwarned(ENDS - days(100)), ENDS - days(1))[0], Stage.EXPIRING, ENDS - days(1))
    assert moves(advanced(state, ENDS + days(1))[1]) == [("expiring", "locked", ENDS + days(1))]


def test_reminder_of_another_count_is_none_for_this_one() -> None:
    """Guards against: a reminder of the date before an extension counts as a warning of the date after it."""
    on = ENDS - days(9)
    state = given_on(advanced(unwarned(ENDS - days(100)), on)[0], Stage.EXPIRING, on, ENDS - days(3))
    assert state.warned is None
    state = given_on(state, Stage.EXPIRING, ENDS - days(8), ENDS)
    assert state.warned is not None


def test_unwarned_office_is_reminded_once_more_and_after_a_week_a_person_is_alerted() -> None:
    state, _ = advanced(unwarned(ENDS - days(100)), ENDS)
    state, (late,) = advanced(state, ENDS + days(1))
    assert isinstance(late, SubscriptionExpiring)
    assert (late.days_left, late.effective_on) == (-1, ENDS + days(1))
    state, quiet = advanced(state, ENDS + days(7))
    assert (quiet, state.hold) == ((), None)
    state, (held,) = advanced(state, ENDS + days(8))
    assert isinstance(held, AccessHeld)
    assert (held.reason, state.hold, held.new_stage) == ("notice_missing", "notice_missing", Stage.LOCKED)
    warned = given_on(state, Stage.EXPIRING, ENDS + days(20))
    assert (warned.hold, warned.stage) == (None, Stage.EXPIRING)
    assert moves(advanced(warned, ENDS + days(22))[1]) == [("expiring", "locked", ENDS + days(22))]


def test_named_person_may_release_what_waits_for_its_warning() -> None:
    state, _ = advanced(unwarned(ENDS - days(100)), ENDS + days(9))
    decision = release_hold(state, noon(ENDS + days(9)), BOTH)
    assert moves(decision.events) == [("expiring", "locked", ENDS + days(9))]


def test_a_lock_is_not_undone_by_later_facts() -> None:
    state = given_on(
        advanced(unwarned(ENDS - days(100)), ENDS - days(30))[0], Stage.EXPIRING, ENDS - days(30)
    )
    locked, _ = advanced(state, ENDS + days(1))
    assert advanced(locked, ENDS + days(5))[0].stage is Stage.LOCKED


@dataclass
class Mail:
    """The mails to an office, and when they arrived. Of those that wait, the newest is delivered, as the
    notifier does it."""

    away: range
    reminded: date | None = None
    final: date | None = None
    waits: tuple[Stage, date | None] | None = None

    def hears(self, event: Event) -> None:
        """No lock and no end comes sooner than the rules allow."""
        if isinstance(event, SubscriptionExpiring):
            self.waits = Stage.EXPIRING, event.effective_on + days(event.days_left)
        if isinstance(event, AccessLocked):
            self.waits = event.new_stage, None
            if event.old_stage is Stage.EXPIRING:
                assert self.reminded is not None
                assert event.effective_on >= self.reminded + days(2)
        if isinstance(event, SubscriptionTerminated):
            assert self.final is not None
            assert event.effective_on >= self.final + days(14)

    def brings(self, state: Subscription, day: date, last_warning: Stage) -> Subscription:
        if self.waits is None or day.toordinal() in self.away:
            return state
        (about, counted_from), self.waits = self.waits, None
        if about is Stage.EXPIRING:
            self.reminded = self.reminded or day
        if about is last_warning:
            self.final = self.final or day
        return given_on(state, about, day, counted_from)


@given(st.integers(-95, 70), st.integers(1, 120), POLICIES)
def test_mail_away_for_days_and_then_back(begins: int, lasts: int, policy: str) -> None:
    """Two people release each day's plan; gate and events agree at every step."""
    first = (ENDS + days(begins)).toordinal()
    mail, last_warning = Mail(range(first, first + lasts)), BOTH[policy].last_warning
    state, day = unwarned(ENDS - days(100), policy=policy), ENDS - days(99)
    while state.stage is not Stage.TERMINATED:
        assert day < ENDS + days(max(begins + lasts, 0) + 150), "nobody is kept for ever"
        state, events = advanced(state, day)
        for event in events:
            mail.hears(event)
        state = mail.brings(state, day, last_warning)
        answer = current_entitlement(state, noon(day), BOTH)
        assert answer.stage == state.stage
        if state.stage is not Stage.TERMINATED:
            assert answer.ends_on >= (mail.final or day) + days(14)
            let = release_end(state, release(day + days(1)), noon(day), BOTH)
            state = let.state if let else state
        day += days(1)


@pytest.mark.parametrize("day", [ENDS - days(50), ENDS, ENDS + days(3)])
def test_platforms_get_no_lock_without_a_warning(day: date) -> None:
    """Guards against: the gate waits, but the platform's own table locks at midnight."""
    state, _ = advanced(unwarned(ENDS - days(100)), day)
    assert StageContext.of(state, BOTH).steps(day) == ()
    decision = record_notice(state, NoticeOnRecord(Stage.EXPIRING, ENDS, noon(day)), noon(day), BOTH)
    assert decision is not None
    assert isinstance(decision.snapshot, AccessDecided)
    first = decision.snapshot.steps[0]
    assert (first.stage, first.starts_at > noon(max(ENDS, day + days(1)))) == (Stage.LOCKED, True)
