"""The desk's search page for registrations and offices. A single match opens at once."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.desk.office_search import FoundOffice
from services.renewal.desk.pages.board import Board
from services.renewal.domain.flow import OPEN
from services.renewal.domain.renewal import Renewal
from services.renewal.pages import urls
from shared.text.characters import visible
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.session import Visitor

_LONGEST = 400


def search_pages(board: Board, guard: DeskGuard) -> APIRouter:
    routes, visiting = board.routes(), Depends(guard.visitor)

    @routes.get("/find")
    async def find(
        request: Request,
        visitor: Annotated[Visitor, visiting],
        q: Annotated[str, Query(max_length=_LONGEST)] = "",
    ) -> Response:
        text = visible(q)
        found = [stored.state for stored in await board.search.find(text)] if text else []
        offices = await board.offices.find(text) if text else []
        if only := _only(found, offices):
            return RedirectResponse(only, 303)
        return board.page(
            request, "desk/search.html", visitor, {"q": text, "found": found, "offices": offices}
        )

    return routes


def _only(found: Sequence[Renewal], offices: Sequence[FoundOffice]) -> str | None:
    """The address of the only match, if there is nothing to choose: one registration, with no office or only
    the office that it waits for; or one office alone."""
    if len(found) == 1 and (not offices or (len(offices) == 1 and _waits_for(found[0], offices[0]))):
        return urls.case(found[0].registration.renewal_id)
    if len(offices) == 1 and not found:
        return urls.office(offices[0].first.office_ref)
    return None


def _waits_for(renewal: Renewal, office: FoundOffice) -> bool:
    return renewal.status in OPEN and renewal.registration.office_ref == office.first.office_ref
