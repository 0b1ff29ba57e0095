"""HTTP: an office's products, and what is sold."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.renewal import permissions
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.registration.catalogue import Catalogue, Product
from services.renewal.rest.requests import refusals
from services.renewal.rest.views import OwnedProductView
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person, TokenVerifier, require_person


def product_routes(
    licences: Projection[LicenceCopy], catalogue: Catalogue, clock: Clock, zone: str, verifier: TokenVerifier
) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    anyone = Depends(require_person(verifier))

    @routes.get("/catalogue/{product_code}")
    async def sold(product_code: str, who: Annotated[Person, anyone]) -> Product:
        """A product as sold today: packages, prices, VAT, limits."""
        with refusals():
            return catalogue.product(product_code, civil_date(clock.now(), zone))

    @routes.get("/offices/{office_ref}/products")
    async def owned(office_ref: str, who: Annotated[Person, anyone]) -> list[OwnedProductView]:
        """What the office has of each product and, if the platform reported it, how much of it is used."""
        with refusals():
            permissions.require_may_see(who, office_ref)
        found = await licences.find({"office_ref": office_ref})
        today = civil_date(clock.now(), zone)
        return [OwnedProductView.of(copy, catalogue, today) for copy in found]

    return routes
