"""HTTP: the login gate for the platform, and the import of licences for ops."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from services.subscription.domain.access import InForce, in_force
from services.subscription.domain.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.intake import Intake, Report
from services.subscription.spreadsheet import LARGEST_BYTES
from services.subscription.store import Subscriptions
from shared.clock import Clock
from shared.people import Keys, Person, Role, asking
from shared.problems import Problem

log = structlog.get_logger()


class Access(BaseModel):
    """The answer for one office: one entry a product. An office we don't know has none, and may enter."""

    office_ref: str
    known: bool
    products: list[InForce]


def router(
    subscriptions: Subscriptions, policies: Policies, intake: Intake, clock: Clock, keys: Keys
) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    ops = Depends(asking(keys, Role.OPS))

    def now_in_force(state: Subscription) -> InForce:
        return in_force(state, clock.now(), policies)

    @routes.get("/access/{office_ref}")
    async def office(office_ref: str) -> Access:
        """May this office enter, product by product? Computed at the moment of asking."""
        found = await subscriptions.of_office(office_ref)
        return Access(
            office_ref=office_ref, known=bool(found), products=[now_in_force(state) for state in found]
        )

    @routes.get("/access/{office_ref}/{product_code}")
    async def product(office_ref: str, product_code: str) -> Access:
        found = await subscriptions.get(office_ref, product_code)
        return Access(
            office_ref=office_ref, known=found is not None, products=[now_in_force(found)] if found else []
        )

    @routes.post("/imports")
    async def take(request: Request, who: Annotated[Person, ops]) -> Report:
        """A CSV of licences (see docs/reference/import.md). The same file again changes nothing."""
        report = await intake.take(await _body(request))
        log.info(
            "import.taken",
            by=who.sub,
            adopted=report.adopted,
            corrected=report.corrected,
            errors=len(report.errors),
        )
        return report

    return routes


async def _body(request: Request) -> bytes:
    """The request's body, given up as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BYTES:
            megabytes = LARGEST_BYTES >> 20
            title = (f"Tệp lớn hơn {megabytes} MB", f"The file is larger than {megabytes} MB")
            raise Problem(413, "too-large", title)
    return bytes(body)
