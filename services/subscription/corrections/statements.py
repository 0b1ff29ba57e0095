"""HTTP: a person states one licence: a new one, or a correction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field, JsonValue

from services.subscription.changes import SubscriptionChanges
from services.subscription.corrections.licence_body import corrected_row, read_row, warnings_of
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.changes.correction import correct
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from services.subscription.idempotency import IdempotencyKeys
from services.subscription.requests import PersonRequest, Requester, requester
from services.subscription.spreadsheet.row import Row
from services.subscription.views import StatedSubscriptionView, etag
from shared.text.names import Reason
from shared.time.calendar import civil_date
from shared.web.people import Role, TokenVerifier
from shared.web.problems import FieldError


class CorrectionRequest(PersonRequest):
    """`licence` has only the fields to change."""

    licence: Annotated[dict[str, JsonValue], Field(min_length=1)]
    reason: Reason


def router(changes: SubscriptionChanges, claims: IdempotencyKeys, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/subscriptions")
    ops = Depends(requester(verifier, Role.OPS))
    policies = changes.policies

    def doubtful(row: Row, cells: Mapping[str, JsonValue]) -> list[FieldError]:
        return warnings_of(row, cells, changes.clock.now(), changes.products)

    @routes.post("", status_code=201)
    async def create(
        cells: dict[str, JsonValue], by: Annotated[Requester, ops], response: Response
    ) -> StatedSubscriptionView:
        """Creates one subscription from a licence with the fields of a CSV row. It is adopted at its present
        stage."""
        row = read_row(cells, policies)

        def decide(now: datetime) -> Decided:
            policy = changes.products.policy_for(row.product_code, civil_date(now, row.zone))
            licence = row.licence(policy)
            return adopt(row.office_ref, row.product_code, licence, now, policies, next_policy=row.policy)

        cause = by.cause("create", row)
        await claims.claim(cause)
        stored = await changes.create(row.subscription_id, cause, decide)
        response.headers["etag"] = etag(stored)
        response.headers["location"] = f"/v1/subscriptions/{stored.id}"
        return StatedSubscriptionView.of(stored, warnings=doubtful(row, cells))

    @routes.post("/{id}/corrections")
    async def correction(
        id: UUID, body: CorrectionRequest, by: Annotated[Requester, ops], response: Response
    ) -> StatedSubscriptionView:
        """Corrects the licence. A new last day of use counts at once."""
        warnings: list[FieldError] = []

        def decide(state: Subscription, now: datetime) -> Decided:
            row = corrected_row(state, body.licence, policies)
            warnings[:] = doubtful(row, body.licence)
            return correct(state, row.licence(state.policy), now, policies)

        stored = await changes.change(id, by.cause("correct", body, body.reason), decide)
        response.headers["etag"] = etag(stored)
        return StatedSubscriptionView.of(stored, warnings=warnings)

    return routes
