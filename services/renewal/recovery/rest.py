"""HTTP: an office requests recovery of the data of an ended service."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.renewal.domain.recovery import RecoveryRequest
from services.renewal.recovery.service import RecoveryService
from services.renewal.rest.requests import ReasonRequest, refusals
from shared.web.people import Person, Role, TokenVerifier, require_person


def recovery_routes(recoveries: RecoveryService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/offices/{office_ref}/products/{product_code}/recoveries")
    anyone = Depends(require_person(verifier))
    theirs = Depends(require_person(verifier, Role.RENEWER, Role.DESK))

    @routes.post("", status_code=202)
    async def ask(
        office_ref: str, product_code: str, body: ReasonRequest, who: Annotated[Person, theirs]
    ) -> RecoveryRequest:
        """Requests the data of an ended service. While a request is open, asking again returns that one. 409
        where the office asked too often within a day."""
        with refusals():
            return await recoveries.request(office_ref, product_code, body.reason, who)

    @routes.get("")
    async def requests(
        office_ref: str, product_code: str, who: Annotated[Person, anyone]
    ) -> list[RecoveryRequest]:
        """The requests with the platform's answers, the oldest first."""
        with refusals():
            return await recoveries.of(office_ref, product_code, who)

    return routes
