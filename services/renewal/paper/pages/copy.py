"""The page on which an office uploads a photo or scan of its stamped form before the original comes by
post."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain import flow
from services.renewal.domain.flow import FlowStep
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages import urls
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.paper.copy import CopyService
from services.renewal.scans.limits import ONE_FORM
from services.renewal.texts import refusal_text
from shared.web.pages.guard import FileSubmission, RequestGuard
from shared.web.pages.session import Visitor

SHOW = f"{PATH}/registrations/{{id}}/show"
LARGEST = ONE_FORM.bytes + 64 * 1024
"""The largest request body in bytes: the file, and the other fields of the form."""


def copy_pages(site: Site, guard: RequestGuard, queries: OfficeQueries, copies: CopyService) -> APIRouter:
    routes = APIRouter(route_class=site.route_class(), include_in_schema=False)
    visiting, bringing = Depends(guard.visitor), Depends(guard.file_submission)

    def ask(
        request: Request, visitor: Visitor, renewal: Renewal, wrong: str = "", *, signed: bool = False
    ) -> Response:
        """`signed`: the uploaded PDF is signed digitally; the page explains how such a form is sent."""
        registration = renewal.registration
        office = {"ref": registration.office_ref, "name": registration.office.name}
        values = {"office": office, "renewal": renewal, "wrong": wrong, "signed": signed}
        return site.page(request, "paper/copy.html", visitor, values, status=422 if wrong else 200)

    @routes.get(SHOW)
    async def choose(request: Request, id: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        renewal = await queries.to_change(id, visitor)
        if not flow.may(renewal.status, FlowStep.SHOW_COPY):
            return RedirectResponse(urls.registration(id), 303)
        return ask(request, visitor, renewal)

    @routes.post(SHOW)
    async def show(request: Request, id: UUID, upload: Annotated[FileSubmission, bringing]) -> Response:
        visitor, words = upload.submission.visitor, site.words(request)
        renewal = await queries.to_change(id, visitor)
        if not upload.file:
            return ask(request, visitor, renewal, words("show.empty"))
        try:
            _, form = await copies.upload(id, upload.file, visitor.person)
        except RenewalError as refused:
            signed = refused.name == "paper-signed-digitally"
            return ask(request, visitor, renewal, words.pick(refusal_text(refused)), signed=signed)
        said = "shown_low" if "low_resolution" in form.remarks else "shown"
        return RedirectResponse(f"{urls.registration(id)}?said={said}", 303)

    return routes
