"""HTTP: a named person grants one office an extension, or an exemption from the lock."""

from datetime import date
from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.subscription.changes import SubscriptionChanges
from services.subscription.domain.changes.concession import Kind, concede
from services.subscription.domain.facts import Concession
from services.subscription.requests import PersonRequest, ReasonedRequest, Requester, requester
from services.subscription.views import SubscriptionView, view_with_etag
from shared.text.names import Reason
from shared.web.people import Role, TokenVerifier


class ConcessionRequest(PersonRequest):
    """`until` is the last day of the concession, in the office's zone."""

    until: date
    reason: Reason


def router(changes: SubscriptionChanges, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/subscriptions/{id}")
    for kind in get_args(Kind):
        _add_routes(routes, kind, changes, verifier)
    return routes


def _add_routes(routes: APIRouter, kind: Kind, changes: SubscriptionChanges, verifier: TokenVerifier) -> None:
    desk_or_ops = Depends(requester(verifier, Role.OPS, Role.DESK))
    policies = changes.policies

    @routes.put(f"/{kind}", name=f"grant_{kind}")
    async def grant(
        id: UUID, body: ConcessionRequest, by: Annotated[Requester, desk_or_ops], response: Response
    ) -> SubscriptionView:
        """Grants the concession, or changes the present one. It counts at once."""
        granted = Concession(until=body.until, reason=body.reason, by=by.who.sub)
        stored = await changes.change(
            id,
            by.cause(f"grant {kind}", body, body.reason),
            lambda state, now: concede(state, kind, granted, now, policies),
        )
        return view_with_etag(stored, response)

    @routes.delete(f"/{kind}", name=f"take_back_{kind}")
    async def take_back(
        id: UUID, body: ReasonedRequest, by: Annotated[Requester, desk_or_ops], response: Response
    ) -> SubscriptionView:
        stored = await changes.change(
            id,
            by.cause(f"take back {kind}", body, body.reason),
            lambda state, now: concede(state, kind, None, now, policies),
        )
        return view_with_etag(stored, response)
