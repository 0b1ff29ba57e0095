"""The page on which an office whose service has ended requests data recovery."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.refusal import RenewalError
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import SubscriptionSummary, shell
from services.renewal.pages import reasons, urls
from services.renewal.pages.paths import OfficeRef, ProductCode
from services.renewal.pages.site import Site
from services.renewal.pages.typed import why
from services.renewal.pages.urls import PATH
from services.renewal.recovery.service import RecoveryService
from shared.situation import SituationKind
from shared.web.pages.guard import FormSubmission, RequestGuard
from shared.web.pages.session import Visitor


def recovery_pages(
    site: Site, guard: RequestGuard, queries: OfficeQueries, recoveries: RecoveryService
) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    path = "/o/{office_ref}/{product_code}/recovery"

    @routes.get(path)
    async def show(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        visitor: Annotated[Visitor, Depends(guard.visitor)],
        done: str = "",
    ) -> Response:
        summary = await queries.to_register(office_ref, product_code, visitor)
        if done:
            return _tell(site, request, visitor, summary, "recovery.done", "recovery.done_lead")
        if summary.kind is not SituationKind.TERMINATED:
            return _tell(site, request, visitor, summary, "recovery.title", "recovery.not_now")
        return _ask(site, request, visitor, summary)

    @routes.post(path)
    async def send(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        submission: Annotated[FormSubmission, Depends(guard.submission)],
    ) -> Response:
        summary = await queries.to_register(office_ref, product_code, submission.visitor)
        reason, wrong = reasons.read(submission.get("reason"), "recovery.empty", site.words(request))
        if wrong:
            return _ask(site, request, submission.visitor, summary, reason, wrong)
        try:
            await recoveries.request(office_ref, product_code, reason, submission.visitor.person)
        except RenewalError as refused:
            return _ask(site, request, submission.visitor, summary, reason, why(refused, site.words(request)))
        return RedirectResponse(f"{urls.subscription(office_ref, product_code, 'recovery')}?done=yes", 303)

    return routes


def _tell(
    site: Site, request: Request, visitor: Visitor, summary: SubscriptionSummary, heading: str, text: str
) -> Response:
    words, licence = site.words(request), summary.licence
    back = urls.subscription(licence.office_ref, licence.product_code)
    values = {"office": shell(summary), "heading": words(heading), "text": words(text), "back": back}
    return site.page(request, "message.html", visitor, values)


def _ask(
    site: Site,
    request: Request,
    visitor: Visitor,
    summary: SubscriptionSummary,
    reason: str = "",
    wrong: str = "",
) -> Response:
    licence = summary.licence
    values = {
        "office": shell(summary),
        "say": "recovery",
        "heading": site.words(request)("recovery.title"),
        "action": urls.subscription(licence.office_ref, licence.product_code, "recovery"),
        "back": urls.subscription(licence.office_ref, licence.product_code),
    }
    status = 422 if wrong else 200
    values |= {"reason": reason, "wrong": wrong}
    return site.page(request, "reason.html", visitor, values, status=status)
