"""A registration that is open: while it is, nothing ends and nothing is deleted.

On paper it opens when it is registered, electronically when it is signed. What opened it may come after
what closed it: a dead letter is redriven days later.
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


def registration_signed(
    state: Subscription, renewal_id: UUID, now: datetime, policies: Policies
) -> Decided | None:
    """An electronic registration is open from its signature on: unsigned, it changes nothing."""
    if renewal_id in (*state.renewals, *state.signed_registrations, *state.closed_unopened):
        return None
    signed = state.with_(signed_registrations=(*state.signed_registrations, renewal_id))
    return registration_opened(signed, renewal_id, now, policies) or Decision(signed)


def registration_unsigned(
    state: Subscription, renewal_id: UUID, now: datetime, policies: Policies
) -> Decided | None:
    """It will not come on paper: open again once it is signed, if it wasn't yet."""
    if renewal_id not in state.open_registrations or renewal_id in state.signed_registrations:
        return None
    return _without(state, renewal_id, now, policies)


def registration_closed(
    state: Subscription, renewal_id: UUID, now: datetime, policies: Policies
) -> Decided | None:
    """Refused or cancelled. One that isn't open is remembered, so that it never opens."""
    if renewal_id in (*state.renewals, *state.closed_unopened):
        return None
    if renewal_id not in state.open_registrations:
        return Decision(state.with_(closed_unopened=(*state.closed_unopened, renewal_id)))
    signed = tuple(id for id in state.signed_registrations if id != renewal_id)
    return _without(state.with_(signed_registrations=signed), renewal_id, now, policies)


def _without(state: Subscription, renewal_id: UUID, now: datetime, policies: Policies) -> Decided:
    return _with(state, tuple(id for id in state.open_registrations if id != renewal_id), now, policies)


def _with(state: Subscription, open: tuple[UUID, ...], now: datetime, policies: Policies) -> Decided:
    return learnt(state, lambda before: before.with_(open_registrations=open), now, policies)
