"""HTTP: what an office has of each product, what is sold, and asking for data back."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.renewal import permissions
from services.renewal.domain.catalogue import Catalogue, Product
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.recovery import RecoveryRequest
from services.renewal.recoveries import Recoveries
from services.renewal.rest.asking import Reasoned, refusals
from services.renewal.rest.views import SubscriptionView
from shared.calendar import civil_date
from shared.clock import Clock
from shared.people import Keys, Person, Role, asking
from shared.projection import Projection


def products(
    licences: Projection[LicenceCopy], catalogue: Catalogue, clock: Clock, zone: str, keys: Keys
) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    anyone = Depends(asking(keys))

    @routes.get("/catalogue/{product_code}")
    async def sold(product_code: str, who: Annotated[Person, anyone]) -> Product:
        """A product as sold today: packages, prices, VAT, limits."""
        with refusals():
            return catalogue.product(product_code, civil_date(clock.now(), zone))

    @routes.get("/offices/{office_ref}/products")
    async def owned(office_ref: str, who: Annotated[Person, anyone]) -> list[SubscriptionView]:
        """What the office has of each product and, where the platform told it, how much it uses."""
        with refusals():
            permissions.see(who, office_ref)
        found = await licences.find({"office_ref": office_ref})
        today = civil_date(clock.now(), zone)
        return [SubscriptionView.of(copy, catalogue, today) for copy in found]

    return routes


def recoveries(recoveries: Recoveries, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1/offices/{office_ref}/products/{product_code}/recoveries")
    anyone = Depends(asking(keys))
    theirs = Depends(asking(keys, Role.RENEWER, Role.DESK))

    @routes.post("", status_code=202)
    async def ask(
        office_ref: str, product_code: str, asked: Reasoned, who: Annotated[Person, theirs]
    ) -> RecoveryRequest:
        """Asks for the data of an ended service. While one waits for its answer, asking again gives that."""
        with refusals():
            return await recoveries.ask(office_ref, product_code, asked.reason, who)

    @routes.get("")
    async def asked_for(
        office_ref: str, product_code: str, who: Annotated[Person, anyone]
    ) -> list[RecoveryRequest]:
        """What was asked for, and the platform's answers; the oldest first."""
        with refusals():
            return await recoveries.of(office_ref, product_code, who)

    return routes
