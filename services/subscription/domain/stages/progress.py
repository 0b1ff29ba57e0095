"""How a subscription changes: by the calendar alone, or because a new fact is applied to it.

To "catch up" means to emit what the calendar brought since the day `told_on`. Every change catches up first,
so events always come in the order in which they took effect.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from services.subscription.domain.deletion_flow import DeletionStep
from services.subscription.domain.event_factory import EventFactory
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import FULL_ACCESS, SEVERITY, Policies
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date, start_of_day

Decided = Decision[Subscription]
CaughtUp = tuple[Subscription, tuple[Event, ...]]


def advance(state: Subscription, now: datetime, policies: Policies) -> Decided:
    """Emit what the calendar brought since `told_on`.

    Each stage that was passed gets its event, in order, with the date on which it took effect. Of the
    reminders that were passed only one is sent, with the days that are left today.
    """
    after, events = catch_up(state, civil_date(now, state.zone), now, policies)
    events = add_reminder(state, after, events, now, policies)
    if after.hold != state.hold:
        events = add_record(state, after, events, now, policies)
    return finalise(after, events, now, policies)


def apply_change(
    state: Subscription, learn: Callable[[Subscription], Subscription], now: datetime, policies: Policies
) -> Decided:
    """Catch up with the calendar, then apply a new fact (`learn`) and emit what follows from it."""
    before, passed = catch_up(state, civil_date(now, state.zone), now, policies)
    after, moved = recompute(before, learn(before), now, policies)
    events = add_reminder(state, after, (*passed, *moved), now, policies)
    return finalise(after, add_record(state, after, events, now, policies), now, policies)


def add_record(
    before: Subscription, after: Subscription, events: tuple[Event, ...], now: datetime, policies: Policies
) -> tuple[Event, ...]:
    """`events`, and a `SubscriptionRecorded` if something changed that none of them says."""
    old, new = StageContext.of(before, policies), StageContext.of(after, policies)
    in_silence = before.stage is Stage.EXPIRING and after.stage is Stage.ACTIVE
    if not in_silence and old.on_record == new.on_record:
        return events
    return (*events, EventFactory(new, after.told_on, now, now).recorded())


def catch_up(state: Subscription, today: date, now: datetime, policies: Policies) -> CaughtUp:
    """Emit the stages that began since `told_on`. If the clock went back, nothing is emitted again."""
    context = reached = StageContext.of(state, policies)
    after = state
    events: tuple[Event, ...] = ()
    for day, old, new in context.moves(state.told_on, today):
        if events and old in context.table.warnings:
            # This warning was passed over. Nobody gets two warnings at once: the harsher one counts for both.
            after = after.with_(notices=(*after.notices, old))
        after = _at_stage(new, day, after, context)
        reached = StageContext.of(after, policies)
        events += EventFactory.late(reached, day, now).stage_events(old, new)
    if not events:
        events = _repeat_last_warning(state, context, today, now)
    after, held = _update_hold(reached, max(state.told_on, today), now)
    return after, (*events, *held)


def recompute(before: Subscription, changed: Subscription, now: datetime, policies: Policies) -> CaughtUp:
    """Move `changed` to the stage that is now in force, and emit the change of stage.

    `before` has caught up with today; `changed` is `before` with a new fact. From today on, access may be
    taken or given back.
    """
    today = civil_date(now, changed.zone)
    if changed.zone == before.zone:  # if the clock went back, nothing that was emitted is taken back
        today = max(today, before.told_on)
    context = StageContext.of(changed.with_(told_on=today - timedelta(days=1)), policies)
    after = _at_stage(context.stage_on(today), today, changed, context)
    events: tuple[Event, ...] = ()
    if after.stage != before.stage:
        factory = EventFactory(StageContext.of(after, policies), today, now, now)
        after, cancelled = without_deletion(after, factory) if before.terminated_on else (after, ())
        events = (*factory.stage_events(before.stage, after.stage), *cancelled)
    return _recompute_hold(after, today, now, policies, events)


def without_deletion(state: Subscription, factory: EventFactory) -> CaughtUp:
    """Cancel a deletion that isn't done yet. If the platform was asked to delete, an event cancels that."""
    deletion = state.deletion
    if deletion is None or not deletion.may(DeletionStep.RENEW):
        return state, ()
    events = (factory.deletion_cancelled(deletion),) if deletion.requested else ()
    return state.with_(deletion=deletion.model_copy(update={"cancelled": True})), events


def finalise(after: Subscription, events: tuple[Event, ...], now: datetime, policies: Policies) -> Decided:
    """Build the decision. It sets the time of the next change, and publishes the answer if that changed."""
    context = StageContext.of(after, policies)
    decided = context.fingerprint
    day = context.schedule.next_change_on(after.told_on)
    at = start_of_day(day, after.zone) if day else None
    changes = {
        "next_change_at": at,
        "ends_on": None if after.terminated_on else context.ends_on,
        "decided": decided,
    }
    if after.decided == decided:
        return Decision(after.with_(**changes), events)
    answer = EventFactory(context, after.told_on, now, now).decided()
    return Decision(after.with_(**changes), events, answer)


def _at_stage(stage: Stage, day: date, state: Subscription, context: StageContext) -> Subscription:
    """`state` at `stage`, caught up to `day`. `context` is from before the change: it has the lock's date."""
    if context.table.row(stage).access == FULL_ACCESS:
        closed = {"locked_since": None, "notices": (), "last_notice_on": None}
        closed |= {"terminated_on": None, "release": None}
        return state.with_(stage=stage, told_on=day, **closed)
    ended = (state.terminated_on or day) if stage is Stage.TERMINATED else None
    return _without_lapsed_release(state, stage, day).with_(
        stage=stage,
        told_on=day,
        locked_since=state.locked_since or context.schedule.locks_on,
        terminated_on=ended,
        # A warning of a harsher stage that was given before doesn't count: it will be given with a new date.
        notices=tuple(given for given in state.notices if SEVERITY[given] <= SEVERITY[stage]),
    )


def _without_lapsed_release(state: Subscription, stage: Stage, day: date) -> Subscription:
    """A release holds for its day only. If the end didn't come on that day, two people must release it
    again."""
    lapsed = state.release is not None and state.release.day <= day and stage is not Stage.TERMINATED
    return state.with_(release=None) if lapsed else state


def add_reminder(
    state: Subscription, after: Subscription, events: tuple[Event, ...], now: datetime, policies: Policies
) -> tuple[Event, ...]:
    """`events`, and a reminder if one is due (see `StageContext.reminder_due_since`).

    No reminder is added on a day that has another event: the office is not told twice.
    """
    today = after.told_on
    if any(event.effective_on == today for event in events):
        return events
    context = StageContext.of(after, policies)
    if not context.reminder_due_since(StageContext.of(state, policies)):
        return events
    return (*events, EventFactory.late(context, today, now).expiring(after.stage))


def _repeat_last_warning(
    state: Subscription, context: StageContext, today: date, now: datetime
) -> tuple[Event, ...]:
    day = context.schedule.warning_repeats_on
    if day is None or not state.told_on < day <= today:
        return ()
    return (EventFactory.late(context, day, now).locked(state.stage, state.stage),)


def _update_hold(context: StageContext, today: date, now: datetime) -> CaughtUp:
    """Catch up to `today`, and begin or end a hold that is due by then."""
    state = context.state
    after = _without_lapsed_release(state, state.stage, today).with_(told_on=today)
    if (day := context.schedule.hold_starts_on) and state.told_on < day <= today:
        reason = context.hold_on(day)
        if reason is not None:
            held = EventFactory.late(context, day, now).held(context.expected_on(day), reason)
            return after.with_(hold=reason), (held,)
    return after.with_(hold=context.hold_on(today)), ()


def _recompute_hold(
    state: Subscription, today: date, now: datetime, policies: Policies, events: tuple[Event, ...]
) -> CaughtUp:
    context = StageContext.of(state, policies)
    reason = context.hold_on(today)
    if reason is not None and reason != state.hold:
        expected = context.expected_on(context.hold_check_day(today))
        events += (EventFactory(context, today, now, now).held(expected, reason),)
    return state.with_(hold=reason), events
