"""The desk looks for a registration by whatever is at hand: one found is shown, of several one is chosen."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.pages import urls
from services.renewal.pages.desk_door import DeskDoor
from services.renewal.pages.desk_view import Board
from services.renewal.pages.session import Visitor

_LONGEST = 400


def finding(board: Board, door: DeskDoor) -> APIRouter:
    routes, visiting = board.routes(), Depends(door.visitor)

    @routes.get("/find")
    async def find(
        request: Request,
        visitor: Annotated[Visitor, visiting],
        q: Annotated[str, Query(max_length=_LONGEST)] = "",
    ) -> Response:
        found = [stored.state for stored in await board.findings.find(q)] if q.strip() else []
        if len(found) == 1:
            return RedirectResponse(urls.case(found[0].registration.renewal_id), 303)
        return board.page(request, "desk_find.html", visitor, {"q": q.strip(), "found": found})

    return routes
