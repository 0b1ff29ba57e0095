"""The papers for the State Treasury, as the office downloads them from its page of the payment."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.renewal.domain.payment.treasury_paper import TreasuryPaper
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.payment.treasury.download import paper_response
from services.renewal.payment.treasury.papers import COST, TreasuryPapers
from shared.web.pages.guard import RequestGuard
from shared.web.pages.session import Visitor


def treasury_pages(
    site: Site, guard: RequestGuard, queries: OfficeQueries, papers: TreasuryPapers
) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)

    @routes.get("/registrations/{id}/transfer/papers/{paper}")
    async def paper(
        id: UUID, paper: TreasuryPaper, visitor: Annotated[Visitor, Depends(guard.visitor)]
    ) -> Response:
        renewal = await queries.renewal(id, visitor)
        guard.spend(visitor, COST)
        data = await papers.draw(renewal, paper)
        return paper_response(paper, renewal.registration.number, data)

    return routes
