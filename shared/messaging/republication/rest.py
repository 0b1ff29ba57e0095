"""HTTP: an operator asks a service to publish its state again, and follows the progress."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from shared import ids
from shared.messaging.republication.republications import Republication, Republications
from shared.time.clock import Clock
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person


class RepublicationRequest(BaseModel):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class RepublicationView(BaseModel):
    """`published`: the records so far. `left_out`: the documents that this release can't read."""

    id: str
    by: str
    reason: str
    requested_at: AwareDatetime
    published: int
    left_out: int
    finished_at: AwareDatetime | None

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

    @routes.get("", dependencies=[Depends(operator)])
    async def newest() -> list[RepublicationView]:
        return [RepublicationView.of(known) for known in await republications.newest()]

    return routes
