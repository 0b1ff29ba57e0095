"""What must be known before a service may end: that the office was warned, that two people let it."""

from datetime import date, datetime

from services.subscription.domain.facts import Release
from services.subscription.domain.policy import SEVERITY, Policies
from services.subscription.domain.progress import Decided, learnt
from services.subscription.domain.refusal import Refused
from services.subscription.domain.standing import Standing
from services.subscription.domain.subscription import Subscription
from shared.calendar import civil_date
from shared.events.base import Stage


def notice_on_record(
    state: Subscription, about: Stage, term: date | None, now: datetime, policies: Policies
) -> Decided | None:
    """A notice of the present last day was delivered, or handed to the desk after it couldn't be.

    None where that says nothing new, and for a notice of a lock that was never told here."""
    told_here = SEVERITY[about] <= max(SEVERITY[state.stage], SEVERITY[Stage.EXPIRING])
    if term != state.licence.expires_on or not told_here:
        return None
    today = civil_date(now, state.zone)

    def noted(told: Subscription) -> Subscription:
        trust, notices = told.trust, told.notices
        if not trust.named and trust.noticed_on is None:
            trust = trust.model_copy(update={"noticed_on": today})
        if about not in notices and about in _warnings_given(told, policies):
            notices = (*notices, about)
        return told.with_(trust=trust, notices=notices)

    return learnt(state, noted, now, policies) if noted(state) != state else None


def _warnings_given(state: Subscription, policies: Policies) -> set[Stage]:
    """Those of the present lock: a notice of another that comes late is none of its."""
    warnings = Standing.of(state, policies).table.warnings
    return {stage for stage in warnings if SEVERITY[stage] <= SEVERITY[state.stage]}


def release_end(state: Subscription, release: Release, now: datetime, policies: Policies) -> Decided | None:
    """Two people let the end come on the release's day. None where it was released already, or has come, or
    is not due by then. Raises Refused."""
    first, second = release.by
    if first == second:
        raise Refused("same-person")
    due = state.ends_on is not None and state.ends_on <= release.day
    if state.release or not due or state.terminated_on or state.locked_since is None:
        return None
    return learnt(state, lambda before: before.with_(release=release), now, policies)
