"""HTTP: an operator asks a service to publish its state again, follows the progress, and may end it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException
from pydantic import AwareDatetime, BaseModel, Field

from shared import ids
from shared.messaging.republication.republications import Republication, Republications
from shared.time.clock import Clock
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person


class RepublicationRequest(BaseModel):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class RepublicationView(BaseModel):
    """`published`: the records so far. `left_out`: the aggregates that this release can't
    tell, which the log names. `withdrawn_by`: the person who ended it before its end."""

    id: str
    by: str
    reason: str
    requested_at: AwareDatetime
    published: int
    left_out: int
    finished_at: AwareDatetime | None
    withdrawn_by: str | None

    @classmethod
    def of(cls, known: Republication) -> "RepublicationView":
        return cls(
            id=str(known.id),
            by=known.by,
            reason=known.because,
            requested_at=known.at,
            published=known.published,
            left_out=known.left_out,
            finished_at=known.finished_at,
            withdrawn_by=known.withdrawn_by,
        )


def router(republications: Republications, real: Clock, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/ops/republications", tags=["ops"])
    operator = require_person(verifier, Role.OPS)

    @routes.post("", status_code=202)
    async def ask(
        body: RepublicationRequest, key: RequiredIdempotencyKey, who: Annotated[Person, Depends(operator)]
    ) -> RepublicationView:
        """Publish the present state of every aggregate again. One that isn't finished goes on instead."""
        id = ids.derived("republication", who.sub, key)
        request = Republication(id=id, by=who.sub, because=body.reason, at=real.now())
        return RepublicationView.of(await republications.ask(request))

    @routes.post("/{id}/withdrawal")
    async def withdraw(id: UUID, who: Annotated[Person, Depends(operator)]) -> RepublicationView:
        """End it where it is. What is published stays; one that is finished stays as it is."""
        known = await republications.withdraw(id, who.sub, real.now())
        if known is None:
            raise HTTPException(404)
        return RepublicationView.of(known)

    @routes.get("", dependencies=[Depends(operator)])
    async def newest() -> list[RepublicationView]:
        return [RepublicationView.of(known) for known in await republications.newest()]

    return routes
