"""The page on which an office fills its draft from a cancelled or refused registration, to register again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.flow import VALID
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages import urls
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.registration.drafts import DraftMoved, Drafts
from services.renewal.registration.pages.declaration import version_of
from shared.web.pages.guard import FormSubmission, RequestGuard
from shared.web.pages.session import Visitor


def draft_copy_pages(site: Site, guard: RequestGuard, queries: OfficeQueries, drafts: Drafts) -> APIRouter:
    routes = APIRouter(
        prefix=f"{PATH}/registrations/{{id}}/again", route_class=site.route_class(), include_in_schema=False
    )

    async def ask(request: Request, id: UUID, visitor: Visitor, *, moved: bool = False) -> Response:
        """`moved`: somebody has saved the draft since the visitor saw it."""
        renewal = await queries.to_change(id, visitor)
        if renewal.status in VALID:
            return RedirectResponse(urls.registration(id), 303)
        registration = renewal.registration
        draft = await drafts.open(registration.office_ref, registration.product_code, visitor.person)
        values = {
            "office": {"ref": registration.office_ref, "name": registration.office.name},
            "renewal": renewal,
            "made": registration,
            "draft": draft,
            "moved": moved,
            "newer": draft.state.saved_at > registration.registered_at,
        }
        return site.page(
            request, "registration/draft_copy.html", visitor, values, status=409 if moved else 200
        )

    @routes.get("")
    async def look(
        request: Request, id: UUID, visitor: Annotated[Visitor, Depends(guard.visitor)]
    ) -> Response:
        return await ask(request, id, visitor)

    @routes.post("")
    async def fill(
        request: Request, id: UUID, submission: Annotated[FormSubmission, Depends(guard.submission)]
    ) -> Response:
        renewal = await queries.to_change(id, submission.visitor)
        registration = renewal.registration
        try:
            await drafts.copy_registration(id, version_of(submission), submission.visitor.person)
        except DraftMoved:
            return await ask(request, id, submission.visitor, moved=True)
        return RedirectResponse(
            urls.subscription(registration.office_ref, registration.product_code, "declare"), 303
        )

    return routes
