"""HTTP: the deletion of an ended subscription's data, decided by two people."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.subscription.changes import SubscriptionChanges
from services.subscription.domain.changes import data
from services.subscription.requests import ReasonedRequest, Requester, requester
from services.subscription.views import SubscriptionView, view_with_etag
from shared.web.people import Role, TokenVerifier


def router(changes: SubscriptionChanges, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/subscriptions/{id}")
    ops = Depends(requester(verifier, Role.OPS))
    policies = changes.policies

    @routes.post("/deletion", status_code=202)
    async def propose(
        id: UUID, body: ReasonedRequest, by: Annotated[Requester, ops], response: Response
    ) -> SubscriptionView:
        """The first person proposes the deletion."""
        stored = await changes.change(
            id,
            by.cause("propose deletion", body, body.reason),
            lambda state, now: data.propose_deletion(state, by.who.sub, body.reason, now),
        )
        return view_with_etag(stored, response)

    @routes.post("/deletion/approval", status_code=202)
    async def approve(id: UUID, by: Annotated[Requester, ops], response: Response) -> SubscriptionView:
        """The second person approves it, and the platform is asked to delete. The proposal has the reason."""
        stored = await changes.change(
            id,
            by.cause("approve deletion"),
            lambda state, now: data.approve_deletion(state, by.who.sub, now, policies),
        )
        return view_with_etag(stored, response)

    @routes.delete("/deletion")
    async def withdraw(
        id: UUID, body: ReasonedRequest, by: Annotated[Requester, ops], response: Response
    ) -> SubscriptionView:
        stored = await changes.change(
            id,
            by.cause("withdraw deletion", body, body.reason),
            lambda state, now: data.withdraw_deletion(state, now, policies),
        )
        return view_with_etag(stored, response)

    return routes
