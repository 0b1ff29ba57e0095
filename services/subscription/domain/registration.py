"""A registration that is open: while it is, nothing ends and nothing is deleted."""

from datetime import datetime
from uuid import UUID

from services.subscription.domain.policy import Policies
from services.subscription.domain.progress import Decided, learnt
from services.subscription.domain.subscription import Subscription


def registration_opened(
    state: Subscription, renewal_id: UUID, now: datetime, policies: Policies
) -> Decided | None:
    """None where its contract, from another topic, was here before it."""
    if renewal_id in (*state.renewals, *state.open_registrations):
        return None
    return _with(state, (*state.open_registrations, renewal_id), now, policies)


def registration_closed(
    state: Subscription, renewal_id: UUID, now: datetime, policies: Policies
) -> Decided | None:
    """Refused or cancelled."""
    if renewal_id not in state.open_registrations:
        return None
    rest = tuple(id for id in state.open_registrations if id != renewal_id)
    return _with(state, rest, now, policies)


def _with(state: Subscription, open: tuple[UUID, ...], now: datetime, policies: Policies) -> Decided:
    return learnt(state, lambda before: before.with_(open_registrations=open), now, policies)
