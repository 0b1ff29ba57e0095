"""HTTP: an office asks for the data of its ended subscription."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.subscription.changes import SubscriptionChanges, unknown_subscription
from services.subscription.domain.changes.data import request_recovery
from services.subscription.domain.facts import Recovery
from services.subscription.domain.subscription import Subscription
from services.subscription.requests import Requester, requester
from shared.web.people import Keys, Role

_VENDOR = {Role.OPS, Role.DESK}


def router(changes: SubscriptionChanges, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1/subscriptions/{id}")
    asking = Depends(requester(keys, *_VENDOR, Role.RENEWER))

    @routes.post("/recoveries", status_code=202)
    async def recover(id: UUID, by: Annotated[Requester, asking]) -> Recovery:
        """An office's renewer asks for its data back, or the vendor's people for them."""
        await _visible(id, by)
        stored = await changes.change(
            id,
            by.cause("request recovery"),
            lambda state, now: request_recovery(state, now, changes.policies),
        )
        return stored.state.recoveries[-1]

    @routes.get("/recoveries")
    async def asked(id: UUID, by: Annotated[Requester, asking]) -> tuple[Recovery, ...]:
        """What was asked for, and the platform's answers."""
        return (await _visible(id, by)).recoveries

    async def _visible(id: UUID, by: Requester) -> Subscription:
        """Another office's is told like none at all, so that it doesn't show whether there is one."""
        stored = await changes.subscriptions.load(id)
        theirs = by.who.roles & _VENDOR or (stored and stored.state.office_ref == by.who.office_ref)
        if stored is None or not theirs:
            raise unknown_subscription()
        return stored.state

    return routes
