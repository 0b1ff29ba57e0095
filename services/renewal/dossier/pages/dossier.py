"""The page of a dossier, for its office and for the desk: what is in it, and the downloads."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.domain.dossier.facts import DossierFacts
from services.renewal.domain.dossier.manifest import DossierManifest
from services.renewal.domain.dossier.papers import INVOICE_FILE, DossierPaper
from services.renewal.domain.refusal import RenewalError
from services.renewal.dossier.archive_response import (
    ARCHIVE_COST,
    REPORT_COST,
    archive_response,
    report_response,
)
from services.renewal.dossier.offered_tool import TOOL, tool_digest, tool_response
from services.renewal.dossier.service import DossierService, archive_name, edition_for
from services.renewal.dossier.texts import WORDS, text_of
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages import urls
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.texts import NOTICES
from shared.time.calendar import civil_date
from shared.web.pages.guard import RequestGuard, not_found
from shared.web.pages.language import language
from shared.web.pages.session import Visitor


@dataclass(frozen=True, slots=True)
class DossierPage:
    site: Site
    queries: OfficeQueries
    dossiers: DossierService

    async def gather(self, id: UUID, visitor: Visitor) -> DossierFacts:
        """Raises a 404 problem for what doesn't exist or belongs to another office."""
        await self.queries.renewal(id, visitor)
        return await self.dossiers.gather(id)

    async def show(self, request: Request, visitor: Visitor, id: UUID) -> Response:
        facts = await self.gather(id, visitor)
        renewal, made = facts.renewal, facts.renewal.registration
        deletion = renewal.retention.deletion if renewal.retention else None
        values = {
            "office": {"ref": made.office_ref, "name": made.office.name},
            "made": made,
            "edition": edition_for(visitor.person),
            "rows": [(paper, text_of(paper), _address(id, paper)) for paper in facts.papers],
            "missing": await self.dossiers.find_missing(facts),
            "elsewhere": DossierManifest.kept_elsewhere(facts),
            "sent": facts.sent,
            "notices": NOTICES,
            "deletion": deletion,
            "deleted_on": civil_date(deletion.approved_at, made.zone) if deletion else None,
            "archive": archive_name(renewal),
            "tool": TOOL.name,
            "tool_digest": tool_digest(),
            "d": WORDS[language(request)],
        }
        return self.site.page(request, "dossier/dossier.html", visitor, values)


def dossier_pages(page: DossierPage, guard: RequestGuard) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=page.site.route_class(), include_in_schema=False)
    path, visiting = "/registrations/{id}/dossier", Depends(guard.visitor)

    @routes.get(path)
    async def show(request: Request, id: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        return await page.show(request, visitor, id)

    @routes.get(f"{path}.zip")
    async def archive(id: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        guard.spend(visitor, ARCHIVE_COST)
        facts = await page.gather(id, visitor)
        return archive_response(page.dossiers, facts, edition_for(visitor.person))

    @routes.get(f"/{TOOL.name}")
    async def tool() -> Response:
        """For everybody: whoever was given a ZIP may check it."""
        return tool_response()

    @routes.get(f"{path}/reports/{{sha256}}")
    async def report(id: UUID, sha256: str, visitor: Annotated[Visitor, visiting]) -> Response:
        guard.spend(visitor, REPORT_COST)
        facts = await page.gather(id, visitor)
        try:
            return report_response(*await page.dossiers.read_report(facts, sha256))
        except RenewalError:
            raise not_found() from None

    return routes


def _address(id: UUID, paper: DossierPaper) -> str:
    sha256 = paper.document.sha256
    if paper.what == INVOICE_FILE:
        return urls.registration(id, f"invoice/files/{sha256}")
    return urls.registration(id, f"dossier/reports/{sha256}") if paper.about else urls.document(sha256)
