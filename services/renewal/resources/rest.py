"""HTTP: an office's resources and their grants, and what the platform hasn't confirmed.

The idempotency key is required: nothing is asked for twice by one click.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.renewal.domain.refusal import RenewalError
from services.renewal.resources.open_grants import OpenGrants
from services.renewal.resources.requests import (
    MOST_PICKED,
    GrantClosureRequest,
    GrantPlaces,
    GrantRepeatRequest,
)
from services.renewal.resources.service import ResourceService
from services.renewal.resources.views import GrantRepeatView, OpenGrantsView, OpenGrantView, ResourcesView
from services.renewal.rest.requests import refusals
from shared.ids import subscription_id
from shared.time.calendar import civil_date
from shared.web.idempotency import RequiredIdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person


def resource_routes(service: ResourceService, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/offices/{office_ref}/products/{product_code}/resources")
    anyone = Depends(require_person(verifier))

    @routes.get("")
    async def resources(office_ref: str, product_code: str, who: Annotated[Person, anyone]) -> ResourcesView:
        """What the office may use now, how much of it is used, and the grants, the newest first."""
        return await _of(service, office_ref, product_code, who)

    @routes.post("/update", status_code=202)
    async def update(
        office_ref: str, product_code: str, who: Annotated[Person, anyone], key: RequiredIdempotencyKey
    ) -> ResourcesView:
        """Asks the platform anew. Its answer comes later. At most once in some minutes."""
        with refusals():
            await service.ask_anew(office_ref, product_code, who, key)
        return await _of(service, office_ref, product_code, who)

    return routes


async def _of(service: ResourceService, office_ref: str, product_code: str, who: Person) -> ResourcesView:
    id = subscription_id(office_ref, product_code)
    licence = await service.licences.get(id) if who.may_see(office_ref) else None
    with refusals():
        if licence is None:
            raise RenewalError("licence-unknown")
    today = civil_date(service.clock.now(), licence.zone)
    return ResourcesView.of(licence, await service.ledgers.of(id), today)


def grant_desk_routes(service: ResourceService, grants: OpenGrants, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/desk/grants")
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.get("")
    async def open_grants(
        query: Annotated[GrantPlaces, Query()], who: Annotated[Person, clerk]
    ) -> OpenGrantsView:
        """The grants that the platform hasn't confirmed, and those whose answer differs from what was asked
        for."""
        waiting = await grants.waiting(MOST_PICKED, query.waiting)
        looks = await grants.to_look_at(MOST_PICKED, query.to_look_at)
        return OpenGrantsView(
            waiting=[OpenGrantView.of(each) for each in waiting.rows],
            waiting_after=str(waiting.after) if waiting.after else None,
            to_look_at=[OpenGrantView.of(each) for each in looks.rows],
            to_look_at_after=str(looks.after) if looks.after else None,
        )

    @routes.post("/requests", status_code=202)
    async def ask_again(
        body: GrantRepeatRequest, who: Annotated[Person, clerk], key: RequiredIdempotencyKey
    ) -> GrantRepeatView:
        """Asks the platform again for these grants, as far as they are still open."""
        with refusals():
            return GrantRepeatView(asked=await service.ask_again(body.grants, who, key))

    @routes.post("/closures", status_code=204)
    async def close(
        body: GrantClosureRequest, who: Annotated[Person, clerk], key: RequiredIdempotencyKey
    ) -> None:
        """It was settled with the platform's people: the grant leaves the list."""
        with refusals():
            await service.close(body, body.revision, body.reason, who, key)

    return routes
