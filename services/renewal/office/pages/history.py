"""The history: all registrations of an office, how each stands, and the link to its next step."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.domain.renewal import Renewal
from services.renewal.office.history_export import COST, HistoryExport
from services.renewal.office.pages.step_link import StepLink, step_link
from services.renewal.office.progress import ShownProgress
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import shell
from services.renewal.pages.paths import OfficeRef
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from shared.spreadsheet.sheet_file import SheetKind
from shared.web.pages.guard import RequestGuard, not_found
from shared.web.pages.session import Visitor


def history_pages(
    site: Site, guard: RequestGuard, queries: OfficeQueries, export: HistoryExport
) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    visiting = Depends(guard.visitor)

    @routes.get("/o/{office_ref}/history")
    async def history(
        request: Request,
        office_ref: OfficeRef,
        visitor: Annotated[Visitor, visiting],
        before: UUID | None = None,
    ) -> Response:
        """The newest registrations, or the next ones after the registration `before`."""
        summaries = await queries.summaries(office_ref, visitor)
        last = await queries.renewal(before, visitor) if before else None
        if last and last.registration.office_ref != office_ref:
            raise not_found()
        renewals, older = await queries.office_renewals.newest(office_ref, last)
        progress = await queries.progress.of_all(renewals)
        may = visitor.person.may_register(office_ref)
        values: dict[str, object] = {
            "office": shell(summaries[0]),
            "renewals": renewals,
            "older": older,
            "progress": progress,
            "grants": await queries.ledgers.grant_states(renewals, queries.clock.now()),
            "steps": _step_links(renewals, progress, site, may_register=may),
        }
        return site.page(request, "office/history.html", visitor, values)

    @routes.get("/o/{office_ref}/history/file.{kind}")
    async def file(office_ref: OfficeRef, kind: SheetKind, visitor: Annotated[Visitor, visiting]) -> Response:
        guard.spend(visitor, COST)
        exported = await export.file(kind, office_ref, visitor.person)
        return Response(exported.data, media_type=exported.media_type, headers=exported.headers)

    return routes


def _step_links(
    renewals: Sequence[Renewal],
    progress: Mapping[UUID, ShownProgress],
    site: Site,
    *,
    may_register: bool,
) -> dict[UUID, StepLink]:
    """By the registration's id."""
    ids = {renewal.registration.renewal_id: renewal for renewal in renewals}
    return {
        id: step_link(renewal, progress[id].step, site, may_register=may_register)
        for id, renewal in ids.items()
    }
