"""What must be known before a service may end: that the office was warned, that two people let it."""

from dataclasses import dataclass
from datetime import date, datetime

from services.subscription.domain.facts import Release, ReminderGiven
from services.subscription.domain.refusal import SubscriptionError
from services.subscription.domain.stages.policy import SEVERITY, Policies
from services.subscription.domain.stages.progress import Decided, apply_change
from services.subscription.domain.stages.standing import StageContext
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.time.calendar import civil_date


@dataclass(frozen=True, slots=True)
class NoticeOnRecord:
    """A notice about the stage `about`, of the last day `term`, was given at the instant `at`: the next mail
    server took it, or the desk told the office after nobody did. A reminder counted to `counted_from`; None
    where its teller didn't say, and it counts to the present one."""

    about: Stage
    term: date | None
    at: datetime
    counted_from: date | None = None


def notice_on_record(
    state: Subscription, given: NoticeOnRecord, now: datetime, policies: Policies
) -> Decided | None:
    """A notice of the present last day was given. It counts from that day, be it told of later.

    None where that says nothing new, and for a notice of a lock that was never told here."""
    told_here = SEVERITY[given.about] <= max(SEVERITY[state.stage], SEVERITY[Stage.EXPIRING])
    if given.term != state.licence.expires_on or not told_here:
        return None
    on = min(civil_date(given.at, state.zone), civil_date(now, state.zone))

    def noted(told: Subscription) -> Subscription:
        trust = told.trust
        if not trust.named and trust.noticed_on is None:
            trust = trust.model_copy(update={"noticed_on": on})
        return _warning(_reminder(told, given, on, policies), given.about, on, policies).with_(trust=trust)

    return apply_change(state, noted, now, policies) if noted(state) != state else None


def _reminder(told: Subscription, given: NoticeOnRecord, on: date, policies: Policies) -> Subscription:
    """The first one of the present count is what a lock may follow."""
    present = StageContext.of(told, policies).counted_from
    known = told.warned is not None and told.warned.counted_from == present
    if given.about is not Stage.EXPIRING or known or given.counted_from not in (None, present):
        return told
    return told.with_(warned=ReminderGiven(counted_from=present, on=on))


def _warning(told: Subscription, about: Stage, on: date, policies: Policies) -> Subscription:
    """The last warning says all that those before it said, which are never sent once it is told."""
    warnings = _warnings_given(told, policies)
    if about in told.notices or about not in warnings:
        return told
    if about is not StageContext.of(told, policies).table.last_warning:
        return told.with_(notices=(*told.notices, about))
    before = [stage for stage in Stage if stage in warnings and stage not in (*told.notices, about)]
    return told.with_(notices=(*told.notices, *before, about), last_notice_on=on)


def _warnings_given(state: Subscription, policies: Policies) -> set[Stage]:
    """Those of the present lock: a notice of another that comes late is none of its."""
    warnings = StageContext.of(state, policies).table.warnings
    return {stage for stage in warnings if SEVERITY[stage] <= SEVERITY[state.stage]}


def release_end(state: Subscription, release: Release, now: datetime, policies: Policies) -> Decided | None:
    """Two people let the end come on the release's day. None where it was released already, or has come, is
    not due by then, or lacks a notice. Raises Refused."""
    first, second = release.by
    if first == second:
        raise SubscriptionError("same-person")
    due = state.ends_on is not None and state.ends_on <= release.day
    if state.release or not due or state.terminated_on or state.locked_since is None:
        return None
    if not StageContext.of(state, policies).table.warnings <= {*state.notices}:
        return None
    return apply_change(state, lambda before: before.with_(release=release), now, policies)
