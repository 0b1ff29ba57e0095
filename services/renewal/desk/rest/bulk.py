"""HTTP: the desk decides on many registrations at once, and can preview the outcomes first."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from services.renewal.desk.bulk import MOST, Bulk, BulkOutcome, Picked
from services.renewal.domain.desk.verdict import QueueDecision, Verdict
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.texts import REFUSALS, STATUSES
from shared.text.i18n import Text
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

Many = Annotated[tuple[Picked, ...], Field(min_length=1, max_length=MOST)]


class PreviewRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    step: QueueDecision
    picked: Many


class BulkDecisionRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    picked: Many


class OutcomeView(BaseModel):
    """The new status of one registration (in a preview: the expected one), or why it can't be decided."""

    id: UUID
    number: str | None
    status: RegistrationStatus | None
    status_text: Text | None
    why_not: str | None
    why_not_text: Text | None

    @classmethod
    def of(cls, outcome: BulkOutcome) -> Self:
        return cls(
            id=outcome.picked.id,
            number=outcome.renewal.registration.number if outcome.renewal else None,
            status=outcome.status,
            status_text=STATUSES[outcome.status] if outcome.status else None,
            why_not=outcome.why_not,
            why_not_text=REFUSALS[outcome.why_not][1] if outcome.why_not else None,
        )


def bulk_routes(bulk: Bulk, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/desk/decisions")
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.post("/preview")
    async def preview(body: PreviewRequest, who: Annotated[Person, clerk]) -> list[OutcomeView]:
        """The expected outcomes. Changes nothing."""
        return [OutcomeView.of(each) for each in await bulk.preview(body.picked, body.step, who)]

    @routes.post("")
    async def decide(
        body: BulkDecisionRequest, who: Annotated[Person, clerk], key: RequiredIdempotencyKey
    ) -> list[OutcomeView]:
        """Decides each registration on its own. A repeat with the same key leaves those alone that are
        already decided."""
        decided = await bulk.decide(body.picked, body.verdict, who, key)
        return [OutcomeView.of(each) for each in decided]

    return routes
