"""Pages on which an office changes the way of sending, agrees to a restated term, or cancels."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.joint.closure import is_cancellable
from services.renewal.domain.renewal import Renewal
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages import reasons, urls
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.registration.restatement import RestatementService
from services.renewal.registration.service import RegistrationService
from shared.events.base import SendBy
from shared.web.pages.guard import FormSubmission, RequestGuard, not_found
from shared.web.pages.session import Visitor


def change_pages(
    site: Site,
    guard: RequestGuard,
    queries: OfficeQueries,
    registrations: RegistrationService,
    restatements: RestatementService,
) -> APIRouter:
    routes, writing = _routes(site), Depends(guard.submission)

    @routes.post("/sending")
    async def sending(id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        """Changes the way of sending. If the registration already has that way, nothing changes."""
        await queries.to_change(id, submission.visitor)
        if submission.get("send_by") not in set(SendBy):
            raise not_found()
        await registrations.change_sending(id, SendBy(submission.get("send_by")), submission.visitor.person)
        return RedirectResponse(f"{urls.registration(id)}?said=changed", 303)

    @routes.post("/confirm")
    async def confirm(id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        """Agrees to the restated term that the page showed."""
        await queries.to_change(id, submission.visitor)
        if (revision := submission.number("revision")) is None:
            raise not_found()
        await restatements.confirm(id, revision, submission.visitor.person)
        return RedirectResponse(f"{urls.registration(id)}?said=confirmed", 303)

    return routes


def cancellation_pages(
    site: Site, guard: RequestGuard, queries: OfficeQueries, registrations: RegistrationService
) -> APIRouter:
    routes = _routes(site)
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    def show(
        request: Request, visitor: Visitor, renewal: Renewal, reason: str = "", wrong: str = ""
    ) -> Response:
        registration, words = renewal.registration, site.words(request)
        values = {
            "office": {"ref": registration.office_ref, "name": registration.office.name},
            "say": "cancel",
            "heading": words("cancel.title", no=registration.number),
            "action": urls.registration(registration.renewal_id, "cancel"),
            "back": urls.registration(registration.renewal_id),
            "reason": reason,
            "wrong": wrong,
        }
        return site.page(request, "reason.html", visitor, values, status=422 if wrong else 200)

    @routes.get("/cancel")
    async def ask_reason(request: Request, id: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        renewal = await queries.to_change(id, visitor)
        if not is_cancellable(renewal):
            return RedirectResponse(urls.registration(id), 303)
        return show(request, visitor, renewal)

    @routes.post("/cancel")
    async def cancel(request: Request, id: UUID, submission: Annotated[FormSubmission, writing]) -> Response:
        renewal = await queries.to_change(id, submission.visitor)
        reason, wrong = reasons.read(submission.get("reason"), "cancel.empty", site.words(request))
        if wrong:
            return show(request, submission.visitor, renewal, reason, wrong)
        await registrations.cancel(id, submission.visitor.person, reason)
        return RedirectResponse(f"{urls.registration(id)}?said=cancelled", 303)

    return routes


def _routes(site: Site) -> APIRouter:
    prefix = f"{PATH}/registrations/{{id}}"
    return APIRouter(prefix=prefix, route_class=site.route_class(), include_in_schema=False)
