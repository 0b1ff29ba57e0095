"""HTTP: how long the documents of a dossier are kept. The idempotency key is required: a deletion can't be
undone. `If-Match` with the version of the last answer keeps two clerks from overwriting each other."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.renewal.domain.dossier.retention import DossierDeletion, DossierRetention, LegalHold
from services.renewal.domain.renewal import Renewal
from services.renewal.dossier.retention import DossierRetentionService, RetentionRequest, RetentionState
from services.renewal.rest.requests import ReasonRequest, Seen, refusals
from shared.storage.aggregate import Stored
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

MOST = 200


class RetentionView(BaseModel):
    """`kept_until`: the last day on which the documents must be kept; null while the registration is open,
    or that of another product on its form. `proposed_by`: the first person's id, while somebody proposed
    their deletion. `deletion`: the proof."""

    renewal_id: UUID
    registration_no: str
    office_ref: str
    office_name: str
    kept_until: date | None
    hold: LegalHold | None
    proposed_by: str | None
    proposed_because: str | None
    deletion: DossierDeletion | None

    @classmethod
    def of(cls, renewal: Renewal, kept_until: date | None) -> Self:
        made, known = renewal.registration, renewal.retention or DossierRetention()
        return cls(
            renewal_id=made.renewal_id,
            registration_no=made.number,
            office_ref=made.office_ref,
            office_name=made.office.name,
            kept_until=kept_until,
            hold=known.hold,
            proposed_by=known.proposal.by if known.proposal else None,
            proposed_because=known.proposal.reason if known.proposal else None,
            deletion=known.deletion,
        )


def retention_list_routes(service: DossierRetentionService, verifier: TokenVerifier) -> APIRouter:
    routes, answers = APIRouter(prefix="/v1"), RetentionAnswers(service)
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.get("/registrations/{id}/dossier/retention")
    async def one(id: UUID, who: Annotated[Person, clerk], response: Response) -> RetentionView:
        """How long one dossier is kept, what was decided about it, and what became of it."""
        with refusals():
            return await answers.view(await service.stored(id), response)

    @routes.get("/desk/dossiers")
    async def listed(
        who: Annotated[Person, clerk], state: RetentionState = RetentionState.DUE
    ) -> list[RetentionView]:
        """The dossiers whose documents may be deleted (`due`), that somebody proposed to delete (`proposed`),
        that the desk holds (`held`), or whose deletion isn't finished (`unfinished`)."""
        found = await service.listed(state, MOST)
        return [RetentionView.of(renewal, kept_until) for renewal, kept_until in found]

    return routes


@dataclass(frozen=True, slots=True)
class RetentionAnswers:
    service: DossierRetentionService

    async def view(self, stored: Stored[Renewal], response: Response) -> RetentionView:
        """What is known of the retention. The response gets the version as its ETag."""
        response.headers["etag"] = f'"{stored.version}"'
        return RetentionView.of(stored.state, await self.service.kept_until(stored.state))


def hold_routes(service: DossierRetentionService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations/{id}/dossier/hold")
    answers, asking = RetentionAnswers(service), Depends(retention_request(verifier))

    @routes.post("")
    async def hold(
        id: UUID, body: ReasonRequest, by: Annotated[RetentionRequest, asking], response: Response
    ) -> RetentionView:
        """Places a legal hold: nothing of the dossier is deleted while it stands."""
        with refusals():
            return await answers.view(await service.hold(id, body.reason, by), response)

    @routes.post("/confirmation")
    async def confirm(
        id: UUID, body: ReasonRequest, by: Annotated[RetentionRequest, asking], response: Response
    ) -> RetentionView:
        """The hold is still needed: the desk isn't asked again for `GIAHAN_DOSSIER_HOLD_DAYS` days."""
        with refusals():
            return await answers.view(await service.confirm(id, body.reason, by), response)

    @routes.post("/lifting")
    async def lift(
        id: UUID, body: ReasonRequest, by: Annotated[RetentionRequest, asking], response: Response
    ) -> RetentionView:
        """Ends the hold: the documents may be deleted again once they need not be kept."""
        with refusals():
            return await answers.view(await service.lift(id, body.reason, by), response)

    return routes


def deletion_routes(service: DossierRetentionService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/registrations/{id}/dossier/deletion")
    answers, asking = RetentionAnswers(service), Depends(retention_request(verifier))

    @routes.post("")
    async def propose(
        id: UUID, body: ReasonRequest, by: Annotated[RetentionRequest, asking], response: Response
    ) -> RetentionView:
        """The first person proposes to delete the documents."""
        with refusals():
            return await answers.view(await service.propose(id, body.reason, by), response)

    @routes.post("/withdrawal")
    async def withdraw(
        id: UUID, body: ReasonRequest, by: Annotated[RetentionRequest, asking], response: Response
    ) -> RetentionView:
        """Ends the proposal: nothing was deleted."""
        with refusals():
            return await answers.view(await service.withdraw(id, body.reason, by), response)

    @routes.post("/approval")
    async def approve(id: UUID, by: Annotated[RetentionRequest, asking], response: Response) -> RetentionView:
        """The second person approves, and the documents are deleted. The proposal has the reason."""
        with refusals():
            return await answers.view(await service.approve(id, by), response)

    return routes


def retention_request(verifier: TokenVerifier) -> Callable[..., Awaitable[RetentionRequest]]:
    """A FastAPI dependency: the request of a clerk of the desk."""
    desk = Depends(require_person(verifier, Role.DESK))

    async def read(
        who: Annotated[Person, desk], key: RequiredIdempotencyKey, seen: Seen = None
    ) -> RetentionRequest:
        return RetentionRequest(who, key, int(seen.strip('"')) if seen else None)

    return read
