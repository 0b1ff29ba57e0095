"""A registration that is open: while it is, nothing ends and nothing is deleted.

What opened it may come after what closed it: a dead letter is redriven days later.
"""

from datetime import datetime
from uuid import UUID

from services.subscription.domain.policy import Policies
from services.subscription.domain.progress import Decided, learnt
from services.subscription.domain.subscription import Subscription
from shared.aggregate import Decision


def registration_opened(
    state: Subscription, renewal_id: UUID, now: datetime, policies: Policies
) -> Decided | None:
    """None where its contract, from another topic, or its refusal was here before it."""
    if renewal_id in (*state.renewals, *state.open_registrations, *state.closed_unopened):
        return None
    return _with(state, (*state.open_registrations, renewal_id), now, policies)


def registration_closed(
    state: Subscription, renewal_id: UUID, now: datetime, policies: Policies
) -> Decided | None:
    """Refused or cancelled. One that isn't known yet is remembered, so that it never opens."""
    if renewal_id in (*state.renewals, *state.closed_unopened):
        return None
    if renewal_id not in state.open_registrations:
        return Decision(state.with_(closed_unopened=(*state.closed_unopened, renewal_id)))
    rest = tuple(id for id in state.open_registrations if id != renewal_id)
    return _with(state, rest, now, policies)


def _with(state: Subscription, open: tuple[UUID, ...], now: datetime, policies: Policies) -> Decided:
    return learnt(state, lambda before: before.with_(open_registrations=open), now, policies)
