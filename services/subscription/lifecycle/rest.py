"""HTTP: the list of subscriptions, and one subscription."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.subscription.changes import unknown_subscription
from services.subscription.lifecycle.listing import SubscriptionFilters, SubscriptionPage, page
from services.subscription.store import Subscriptions
from services.subscription.views import SubscriptionView, etag, view_with_etag
from shared.web.people import Role, TokenVerifier, require_person


def router(subscriptions: Subscriptions, verifier: TokenVerifier) -> APIRouter:
    reading = [Depends(require_person(verifier, Role.OPS, Role.DESK))]
    routes = APIRouter(prefix="/v1/subscriptions", dependencies=reading)

    @routes.get("")
    async def found(filters: Annotated[SubscriptionFilters, Query()]) -> SubscriptionPage:
        """The subscriptions that match all filters, in a stable order."""
        return await page(subscriptions, filters)

    @routes.get("/{id}", response_model=SubscriptionView)
    async def one(id: UUID, request: Request, response: Response) -> SubscriptionView | Response:
        """The whole subscription. Status 304 if the caller's copy has this version."""
        stored = await subscriptions.load(id)
        if stored is None:
            raise unknown_subscription()
        if etag(stored) == request.headers.get("if-none-match"):
            return Response(status_code=304, headers={"etag": etag(stored)})
        return view_with_etag(stored, response)

    return routes
