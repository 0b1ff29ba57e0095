"""The page that tells an office how to pay by bank transfer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.domain.payment.transfer import transfer_of
from services.renewal.domain.vendor import Vendor
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.render.qr import transfer_qr
from shared.web.pages.guard import RequestGuard, not_found
from shared.web.pages.session import Visitor


def transfer_pages(site: Site, guard: RequestGuard, queries: OfficeQueries, vendor: Vendor) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)

    @routes.get("/registrations/{id}/transfer")
    async def transfer(
        request: Request, id: UUID, visitor: Annotated[Visitor, Depends(guard.visitor)]
    ) -> Response:
        """404 where nothing is to be paid: an old link of a cancelled registration must not lead to a
        payment."""
        renewal = await queries.renewal(id, visitor)
        if (asked := transfer_of(renewal, vendor)) is None:
            raise not_found()
        registration = renewal.registration
        values = {
            "office": {"ref": registration.office_ref, "name": registration.office.name},
            "registration": registration,
            "transfer": asked,
            "qr": transfer_qr(asked.vietqr) if asked.vietqr else None,
        }
        return site.page(request, "payment/transfer.html", visitor, values)

    return routes
