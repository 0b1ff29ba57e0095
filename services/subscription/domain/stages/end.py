"""What must be recorded before service may end: the notices to the office, and two people's release."""

from dataclasses import dataclass
from datetime import date, datetime

from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.facts import Release, ReminderGiven
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import SEVERITY, Policies
from services.subscription.domain.stages.progress import Decided, apply_change
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.time.calendar import civil_date


@dataclass(frozen=True, slots=True)
class NoticeOnRecord:
    """A notice about the stage `about` was given at the instant `at`, for the last day of use `term`.

    "Given" means that the next mail server accepted it, that the desk called the office, or that the renewer
    saw it on a page. A reminder counts down to `counted_from`; None if its event doesn't say so, then the
    present last day is assumed.
    """

    about: Stage
    term: date | None
    at: datetime
    counted_from: date | None = None


def record_notice(
    state: Subscription, notice: NoticeOnRecord, now: datetime, policies: Policies
) -> Decided | None:
    """Record that a notice about the present last day of use was given.

    It counts from the day on which it was given, even if this service learns of it later. Returns None if it
    is nothing new, or if it is about a stage that this subscription has not reached.
    """
    is_reached = SEVERITY[notice.about] <= max(SEVERITY[state.stage], SEVERITY[Stage.EXPIRING])
    if notice.term != state.licence.expires_on or not is_reached:
        return None
    on = min(civil_date(notice.at, state.zone), civil_date(now, state.zone))

    def note(before: Subscription) -> Subscription:
        trust = before.trust
        if not trust.named and trust.noticed_on is None:
            trust = trust.model_copy(update={"noticed_on": on})
        return _with_warning(
            _with_first_reminder(before, notice, on, policies), notice.about, on, policies
        ).with_(trust=trust)

    return apply_change(state, note, now, policies) if note(state) != state else None


def _with_first_reminder(
    state: Subscription, notice: NoticeOnRecord, on: date, policies: Policies
) -> Subscription:
    """With the first reminder that counts to the present last day: a lock may follow it."""
    present = StageContext.of(state, policies).counted_from
    known = state.warned is not None and state.warned.counted_from == present
    if notice.about is not Stage.EXPIRING or known or notice.counted_from not in (None, present):
        return state
    return state.with_(warned=ReminderGiven(counted_from=present, on=on))


def _with_warning(state: Subscription, about: Stage, on: date, policies: Policies) -> Subscription:
    """With the warning on record. The last warning includes the earlier ones, which are not sent after it."""
    warnings = _warnings_so_far(state, policies)
    if about in state.notices or about not in warnings:
        return state
    if about is not StageContext.of(state, policies).table.last_warning:
        return state.with_(notices=(*state.notices, about))
    before = [stage for stage in Stage if stage in warnings and stage not in (*state.notices, about)]
    return state.with_(notices=(*state.notices, *before, about), last_notice_on=on)


def _warnings_so_far(state: Subscription, policies: Policies) -> set[Stage]:
    """The warnings that are due in the present lock. A late notice of an earlier lock is not one of them."""
    warnings = StageContext.of(state, policies).table.warnings
    return {stage for stage in warnings if SEVERITY[stage] <= SEVERITY[state.stage]}


def release_end(state: Subscription, release: Release, now: datetime, policies: Policies) -> Decided | None:
    """Record that two people released the end for the release's day.

    Returns None if the end is released already, has come, is not due by that day, or lacks a notice. Raises
    SubscriptionError if both people are the same.
    """
    first, second = release.by
    if first == second:
        raise SubscriptionError("same-person")
    due = state.ends_on is not None and state.ends_on <= release.day
    if state.release or not due or state.terminated_on or state.locked_since is None:
        return None
    if not StageContext.of(state, policies).table.warnings <= {*state.notices}:
        return None
    return apply_change(state, lambda before: before.with_(release=release), now, policies)
