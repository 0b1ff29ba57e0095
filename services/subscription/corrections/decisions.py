"""HTTP: the desk's decisions about one subscription: a held date, a disputed contract."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.subscription.changes import SubscriptionChanges
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.correction import release_hold
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from services.subscription.requests import PersonRequest, ReasonedRequest, Requester, requester
from services.subscription.views import SubscriptionView, view_with_etag
from shared.text.names import Reason
from shared.time.calendar import civil_date
from shared.web.people import Role, TokenVerifier


class DisputeDecision(PersonRequest):
    """`accept`: true if the contract counts as written, false if it doesn't count."""

    accept: bool
    reason: Reason


def router(changes: SubscriptionChanges, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/subscriptions/{id}")
    desk_or_ops = Depends(requester(verifier, Role.OPS, Role.DESK))
    policies = changes.policies

    @routes.post("/hold-release")
    async def release(
        id: UUID, body: ReasonedRequest, by: Annotated[Requester, desk_or_ops], response: Response
    ) -> SubscriptionView:
        """Releases the held date: it is right, and counts from today."""

        def decide(state: Subscription, now: datetime) -> Decided:
            if state.trust.named:
                raise SubscriptionError("not-held")
            return release_hold(state, now, policies)

        cause = by.cause("release hold", body, body.reason)
        return view_with_etag(await changes.change(id, cause, decide), response)

    @routes.post("/disputes/{renewal_id}")
    async def settle(
        id: UUID,
        renewal_id: UUID,
        body: DisputeDecision,
        by: Annotated[Requester, desk_or_ops],
        response: Response,
    ) -> SubscriptionView:
        """Decides on a contract that was computed from another last day of use."""

        def decide(state: Subscription, now: datetime) -> Decided:
            terms = next((terms for terms in state.disputed if terms.renewal_id == renewal_id), None)
            begins = terms.term_from if terms else civil_date(now, state.zone)
            policy = changes.products.policy_for(state.product_code, begins)
            return ContractApplication(policies, policy, now).resolve_dispute(
                state, renewal_id, accept=body.accept
            )

        cause = by.cause(f"settle {renewal_id}", body, body.reason)
        return view_with_etag(await changes.change(id, cause, decide), response)

    return routes
