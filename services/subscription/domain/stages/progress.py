"""How a subscription goes on: by the calendar alone, or because something new is known of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from services.subscription.domain.event_factory import EventFactory
from services.subscription.domain.stages.policy import FULL_ACCESS, SEVERITY, Policies
from services.subscription.domain.stages.standing import StageContext
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date, start_of_day

Decided = Decision[Subscription]
CaughtUp = tuple[Subscription, tuple[Event, ...]]


def advance(state: Subscription, now: datetime, policies: Policies) -> Decided:
    """Tell what the calendar brought since `told_on`: every stage passed over, in order, with the date
    on which it took effect; of the reminders passed over one, with the days that are left today."""
    after, events = catch_up(state, civil_date(now, state.zone), now, policies)
    events = with_reminder(state, after, events, now, policies)
    if after.hold != state.hold:
        events = with_record(state, after, events, now, policies)
    return finalise(after, events, now, policies)


def apply_change(
    state: Subscription, learn: Callable[[Subscription], Subscription], now: datetime, policies: Policies
) -> Decided:
    """Tell what the calendar brought up to now, and then what comes of something newly known."""
    before, passed = catch_up(state, civil_date(now, state.zone), now, policies)
    after, moved = recompute(before, learn(before), now, policies)
    events = with_reminder(state, after, (*passed, *moved), now, policies)
    return finalise(after, with_record(state, after, events, now, policies), now, policies)


def with_record(
    before: Subscription, after: Subscription, events: tuple[Event, ...], now: datetime, policies: Policies
) -> tuple[Event, ...]:
    """`events`, and the record where something is in it that none of them tells."""
    old, new = StageContext.of(before, policies), StageContext.of(after, policies)
    in_silence = before.stage is Stage.EXPIRING and after.stage is Stage.ACTIVE
    if not in_silence and old.on_record == new.on_record:
        return events
    return (*events, EventFactory(new, after.told_on, now, now).recorded())


def catch_up(state: Subscription, today: date, now: datetime, policies: Policies) -> CaughtUp:
    """Tell the stages begun since `told_on`. A clock that went back tells nothing, and nothing twice."""
    standing = StageContext.of(state, policies)
    after = state
    events: tuple[Event, ...] = ()
    for day, old, new in standing.moves(state.told_on, today):
        if events and old in standing.table.warnings:
            # Passed over: nobody is sent two warnings at once, and the harsher one counts for both.
            after = after.with_(notices=(*after.notices, old))
        after = _at(new, day, after, standing)
        events += EventFactory.late(StageContext.of(after, policies), day, now).moved(old, new)
    if not events:
        events = _warned_again(state, standing, today, now)
    after, held = _holding(after, max(state.told_on, today), now, policies)
    return after, (*events, *held)


def recompute(before: Subscription, changed: Subscription, now: datetime, policies: Policies) -> CaughtUp:
    """`changed` is `before`, told up to today, with something new in it: at the stage now in force. From
    today on access may be taken, or given back."""
    today = civil_date(now, changed.zone)
    if changed.zone == before.zone:  # a clock that went back takes back nothing that was told
        today = max(today, before.told_on)
    standing = StageContext.of(changed.with_(told_on=today - timedelta(days=1)), policies)
    after = _at(standing.stage_on(today), today, changed, standing)
    events: tuple[Event, ...] = ()
    if after.stage != before.stage:
        tell = EventFactory(StageContext.of(after, policies), today, now, now)
        after, cancelled = without_deletion(after, tell) if before.terminated_on else (after, ())
        events = (*tell.moved(before.stage, after.stage), *cancelled)
    return _held_anew(after, today, now, policies, events)


def without_deletion(state: Subscription, tell: EventFactory) -> CaughtUp:
    """Whatever isn't deleted yet stays."""
    deletion = state.deletion
    if deletion is None or deletion.cancelled or deletion.deleted_at:
        return state, ()
    events = (tell.deletion_cancelled(deletion),) if deletion.requested else ()
    return state.with_(deletion=deletion.model_copy(update={"cancelled": True})), events


def finalise(after: Subscription, events: tuple[Event, ...], now: datetime, policies: Policies) -> Decided:
    """The decision: with the time of the next change, and the public answer where it became another."""
    standing = StageContext.of(after, policies)
    day = standing.ladder.next_change_on(after.told_on)
    at = start_of_day(day, after.zone) if day else None
    told = {
        "next_change_at": at,
        "ends_on": None if after.terminated_on else standing.ends_on,
        "decided": standing.fingerprint,
    }
    if after.decided == standing.fingerprint:
        return Decision(after.with_(**told), events)
    answer = EventFactory(standing, after.told_on, now, now).decided()
    return Decision(after.with_(**told), events, answer)


def _at(stage: Stage, day: date, state: Subscription, standing: StageContext) -> Subscription:
    """`state` at `stage`, told up to `day`. `standing` is from before: it says since when."""
    if standing.table.row(stage).access == FULL_ACCESS:
        closed = {"locked_since": None, "notices": (), "last_notice_on": None}
        closed |= {"terminated_on": None, "release": None}
        return state.with_(stage=stage, told_on=day, **closed)
    ended = (state.terminated_on or day) if stage is Stage.TERMINATED else None
    return _without_lapsed(state, stage, day).with_(
        stage=stage,
        told_on=day,
        locked_since=state.locked_since or standing.ladder.locks_on,
        terminated_on=ended,
        # What a warning still to come has said before doesn't count: it will say another date.
        notices=tuple(told for told in state.notices if SEVERITY[told] <= SEVERITY[stage]),
    )


def _without_lapsed(state: Subscription, stage: Stage, day: date) -> Subscription:
    """A release is for its day: an end that didn't come on it is released again."""
    lapsed = state.release is not None and state.release.day <= day and stage is not Stage.TERMINATED
    return state.with_(release=None) if lapsed else state


def with_reminder(
    state: Subscription, after: Subscription, events: tuple[Event, ...], now: datetime, policies: Policies
) -> tuple[Event, ...]:
    """`events`, and the reminder that fell due since `state` was told, if it is still true; or another, where
    the office keeps its access because no reminder is on record."""
    today = after.told_on
    if any(event.effective_on == today for event in events):
        return events
    standing = StageContext.of(after, policies)
    if not standing.reminds_since(StageContext.of(state, policies)):
        return events
    return (*events, EventFactory.late(standing, today, now).expiring(after.stage))


def _warned_again(
    state: Subscription, standing: StageContext, today: date, now: datetime
) -> tuple[Event, ...]:
    day = standing.ladder.warns_again_on
    if day is None or not state.told_on < day <= today:
        return ()
    return (EventFactory.late(standing, day, now).locked(state.stage, state.stage),)


def _holding(state: Subscription, today: date, now: datetime, policies: Policies) -> CaughtUp:
    """Told up to `today`: a hold that shows by then, or has come to its end."""
    standing = StageContext.of(state, policies)
    after = _without_lapsed(state, state.stage, today).with_(told_on=today)
    if (day := standing.ladder.hold_shows_on) and state.told_on < day <= today:
        reason = standing.hold_on(day)
        if reason is not None:
            held = EventFactory.late(standing, day, now).held(standing.expected_on(day), reason)
            return after.with_(hold=reason), (held,)
    return after.with_(hold=standing.hold_on(today)), ()


def _held_anew(
    state: Subscription, today: date, now: datetime, policies: Policies, events: tuple[Event, ...]
) -> CaughtUp:
    standing = StageContext.of(state, policies)
    reason = standing.hold_on(today)
    if reason is not None and reason != state.hold:
        expected = standing.expected_on(standing.shows_by(today))
        events += (EventFactory(standing, today, now, now).held(expected, reason),)
    return state.with_(hold=reason), events
