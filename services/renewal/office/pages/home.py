"""The start page: it leads an office's person to the office, and lets the vendor's people choose one."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.office.queries import OfficeQueries
from services.renewal.pages import urls
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from shared.web.pages.guard import RequestGuard
from shared.web.pages.session import Visitor
from shared.web.people import forbidden


def home_pages(site: Site, guard: RequestGuard, queries: OfficeQueries) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    visiting = Depends(guard.visitor)

    @routes.get("")
    async def home(
        request: Request, visitor: Annotated[Visitor, visiting], office: str = "", product: str = ""
    ) -> Response:
        """Redirects an office's person to the office or, from a link in an e-mail or a banner, to the notice
        of the `product`. The vendor's people enter an office."""
        if not visitor.person.is_vendor:
            return RedirectResponse(_own(visitor, product), 303)
        office_ref = office.strip()
        if office_ref and await queries.licences.find({"office_ref": office_ref}, limit=1):
            return RedirectResponse(urls.office(office_ref), 303)
        return site.page(
            request, "office/home.html", visitor, {"asked": office_ref, "unknown": bool(office_ref)}
        )

    return routes


def _own(visitor: Visitor, product_code: str) -> str:
    if visitor.person.office_ref is None:
        raise forbidden()
    if not product_code:
        return urls.office(visitor.person.office_ref)
    return urls.subscription(visitor.person.office_ref, quote(product_code, safe=""), "notice")
