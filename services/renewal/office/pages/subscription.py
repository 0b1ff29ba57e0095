"""The office's pages without forms: its products, one subscription, and the notice or lock screen.

They record that the office's renewer has seen a notice.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import SubscriptionSummary, shell
from services.renewal.pages.paths import OfficeRef, ProductCode
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.stores.seen_notices import SeenNotices
from shared.situation import Turn
from shared.web.pages.guard import RequestGuard
from shared.web.pages.session import Visitor


def subscription_pages(
    site: Site, guard: RequestGuard, queries: OfficeQueries, seen: SeenNotices
) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    visiting = Depends(guard.visitor)

    @routes.get("/o/{office_ref}")
    async def products(
        request: Request, office_ref: OfficeRef, visitor: Annotated[Visitor, visiting]
    ) -> Response:
        summaries = await queries.summaries(office_ref, visitor)
        values: dict[str, object] = {"office": shell(summaries[0]), "tab": "products", "summaries": summaries}
        offers = {each.licence.product_code: await queries.offer(each, visitor) for each in summaries}
        values |= {"offers_of": offers, "joinable": queries.joinable(summaries, offers)}
        return site.page(request, "office/office.html", visitor, values)

    @routes.get("/o/{office_ref}/{product_code}")
    async def subscription(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        visitor: Annotated[Visitor, visiting],
    ) -> Response:
        summary = await queries.summary(office_ref, product_code, visitor)
        await seen.note(visitor.person, summary.licence, summary.kind)
        values = await _values(queries, summary, visitor) | await _resources(queries, summary)
        values |= {"offer": await queries.offer(summary, visitor), "tab": "products"}
        return site.page(request, "office/subscription.html", visitor, values)

    @routes.get("/o/{office_ref}/{product_code}/notice")
    async def notice(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        visitor: Annotated[Visitor, visiting],
    ) -> Response:
        """What the current stage means for the office: a notice while access is open, else a lock screen."""
        summary = await queries.summary(office_ref, product_code, visitor)
        await seen.note(visitor.person, summary.licence, summary.kind)
        values = await _values(queries, summary, visitor) | await _resources(queries, summary)
        values |= {"offer": await queries.offer(summary, visitor), "line": None}
        if summary.open:
            values["line"] = (await queries.progress.of(summary.open)).line
        return site.page(request, "office/notice.html", visitor, values)

    return routes


async def _values(
    queries: OfficeQueries, summary: SubscriptionSummary, visitor: Visitor
) -> dict[str, object]:
    may = visitor.person.may_register(summary.licence.office_ref)
    asks_another = not may and summary.situation.turn is not Turn.VENDOR
    tell = await queries.whom_to_tell(summary.licence) if asks_another else None
    return {"office": shell(summary), "summary": summary, "may_register": may, "tell": tell}


async def _resources(queries: OfficeQueries, summary: SubscriptionSummary) -> dict[str, object]:
    resources = await queries.resources(summary)
    return {"resources": resources, "package_name": queries.package_name(summary, resources.package)}
