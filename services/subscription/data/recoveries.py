"""HTTP: requests to recover the data of an ended subscription."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.subscription.changes import SubscriptionChanges, unknown_subscription
from services.subscription.domain.changes.data import request_recovery
from services.subscription.domain.facts import Recovery
from services.subscription.domain.subscription import Subscription
from services.subscription.requests import Requester, requester
from shared.web.people import Role, TokenVerifier

_VENDOR = {Role.OPS, Role.DESK}


def router(changes: SubscriptionChanges, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/subscriptions/{id}")
    asking = Depends(requester(verifier, *_VENDOR, Role.RENEWER))

    @routes.post("/recoveries", status_code=202)
    async def recover(id: UUID, by: Annotated[Requester, asking]) -> Recovery:
        """The office's renewer requests recovery, or the vendor's people do so for the office."""
        await _visible(id, by)
        stored = await changes.change(
            id,
            by.cause("request recovery"),
            lambda state, now: request_recovery(state, now, changes.policies),
        )
        return stored.state.recoveries[-1]

    @routes.get("/recoveries")
    async def asked(id: UUID, by: Annotated[Requester, asking]) -> tuple[Recovery, ...]:
        """The recovery requests and the platform's answers."""
        return (await _visible(id, by)).recoveries

    async def _visible(id: UUID, by: Requester) -> Subscription:
        """The subscription. A person of another office gets 404, as if the subscription did not exist."""
        stored = await changes.subscriptions.load(id)
        theirs = by.who.roles & _VENDOR or (stored and stored.state.office_ref == by.who.office_ref)
        if stored is None or not theirs:
            raise unknown_subscription()
        return stored.state

    return routes
